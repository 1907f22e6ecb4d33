"""Activities and rounds."""

from django.db import models
from django.db.models import F, Q

from households.scoping import VillageScopedQuerySet


class ActivityQuerySet(VillageScopedQuerySet):
    def on_the_menu(self):
        """Keep what is published and neither closed nor canceled."""
        return self.filter(published_at__isnull=False, closed_at=None, canceled_at=None)

    def with_counts(self):
        """Count households: those that were there, and those that only said so."""
        stands = Q(sign_ins__taken_back_at=None, sign_ins__village=F("village"))
        there = stands & Q(sign_ins__is_ahead=False)
        return self.annotate(
            came=models.Count("sign_ins", filter=there),
            expected=models.Count(
                "sign_ins", filter=stands & Q(sign_ins__is_ahead=True)
            ),
        )


class SignInQuerySet(VillageScopedQuerySet):
    def standing(self):
        """Keep what was not taken back."""
        return self.filter(taken_back_at=None)

    def on_open_lists(self):
        """Keep who stands on a list that is neither closed nor called off."""
        return self.standing().filter(
            activity__published_at__isnull=False,
            activity__closed_at=None,
            activity__canceled_at=None,
        )

    def there(self):
        """Keep the households that were there."""
        return self.standing().filter(is_ahead=False)


class RoundQuerySet(VillageScopedQuerySet):
    pass


class FindingQuerySet(VillageScopedQuerySet):
    def to_put_right(self):
        """Keep the untidy yards of closed rounds that nobody has found put right.

        Whoever has left the village has nothing to put right any more.
        """
        open_yards = self.filter(
            yard="poor", outcome="", round__closed_at__isnull=False
        )
        return open_yards.exclude(household__status="left")
