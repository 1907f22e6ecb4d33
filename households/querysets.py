"""The reading vocabulary of villages and households."""

from django.db import models

from households.append_only import AppendOnlyQuerySet
from households.roles import SUPERUSER_PERMISSIONS, roles_granting
from households.scoping import VillageScopedQuerySet, villages_of


class TownshipQuerySet(VillageScopedQuerySet):
    village_lookup = "villages"

    def visible_to(self, user):
        """Keep the townships in which the user serves a village or the whole."""
        return super().visible_to(user).distinct()


class VillageQuerySet(VillageScopedQuerySet):
    village_lookup = "pk"

    def where_allowed(self, user, permission):
        """Keep the villages in which a role, or being superuser, allows it."""
        if user.is_superuser:
            return self if permission in SUPERUSER_PERMISSIONS else self.none()
        held = {"user": user, "ended_at": None, "role__in": roles_granting(permission)}
        direct = models.Q(**{f"stewardships__{key}": held[key] for key in held})
        through = models.Q(
            **{f"township__stewardships__{key}": held[key] for key in held}
        )
        return self.filter(pk__in=self.model.objects.filter(direct | through))


class HouseholdQuerySet(VillageScopedQuerySet):
    def listed(self):
        """Keep the households of the ledger; who is away all year stays on it."""
        return self.exclude(status=self.model.Status.LEFT)

    def listed_in(self, year):
        """Keep the households of the ledger in a year: not who came only after it."""
        change = self.model._meta.get_field("changes").related_model
        kind = change.Kind
        new = models.Q(kind=kind.SPLIT, other=models.OuterRef("pk"))
        new |= models.Q(kind=kind.MOVE_IN, household=models.OuterRef("pk"))
        later = change._default_manager.filter(
            new, village=models.OuterRef("village"), takes_effect_on__year__gt=year
        )
        return self.listed().filter(~models.Exists(later))

    def able_to_spend(self, day):
        """Keep whoever lives here, and whoever moved out for as long as that says."""
        change = self.model._meta.get_field("changes").related_model
        still = change._default_manager.filter(
            village=models.OuterRef("village"),
            household=models.OuterRef("pk"),
            kind=change.Kind.MOVE_OUT,
            spendable_until__gte=day,
        )
        here = ~models.Q(status=self.model.Status.LEFT)
        return self.filter(here | models.Exists(still))

    def in_reading_order(self):
        """Order as on paper: by group, then by number."""
        return self.order_by("group__number", "number", "pk")


class PassbookQuerySet(VillageScopedQuerySet):
    def printed(self):
        """Keep the passbooks whose present card has been printed."""
        return self.filter(printed_at__isnull=False)


class StewardshipQuerySet(VillageScopedQuerySet):
    def visible_to(self, user):
        """Keep the stewardships of the user's villages and townships."""
        if user.is_authenticated and user.is_active and user.is_superuser:
            return self
        mine = self.model.objects.current().filter(user_id=user.pk)
        in_my_villages = models.Q(village__in=villages_of(user).values("pk"))
        in_my_townships = models.Q(township__in=mine.values("township"))
        return self.filter(in_my_villages | in_my_townships)

    def current(self):
        """Keep the stewardships that have not ended."""
        return self.filter(ended_at=None)


class AuditEventQuerySet(AppendOnlyQuerySet, VillageScopedQuerySet):
    pass


class ChangeNoteQuerySet(VillageScopedQuerySet):
    def waiting(self):
        """Keep what another person has not decided yet."""
        return self.filter(state=self.model.State.WAITING)

    def about(self, household):
        """Keep the notes that name a household, on either side."""
        sides = models.Q(household=household) | models.Q(other=household)
        return self.filter(sides, village=household.village_id)


class HouseholdChangeQuerySet(AppendOnlyQuerySet, VillageScopedQuerySet):
    def about(self, household):
        """Keep the changes that name a household, on either side."""
        sides = models.Q(household=household) | models.Q(other=household)
        return self.filter(sides, village=household.village_id)

    def merges(self, village):
        """Keep the merges of a village in their order, with both households."""
        merges = self.filter(village=village, kind=self.model.Kind.MERGE)
        return merges.select_related("household", "other").order_by("number")

    def departures(self, village):
        """Keep the moves out of a village in their order, with the households."""
        gone = self.filter(village=village, kind=self.model.Kind.MOVE_OUT)
        return gone.select_related("household").order_by("number")


class PledgeQuerySet(AppendOnlyQuerySet, VillageScopedQuerySet):
    def in_force(self, village):
        """Return the newest version of a village's pledge, if it has one."""
        return self.filter(village=village).order_by("-number").first()


class HouseholdConsentQuerySet(AppendOnlyQuerySet, VillageScopedQuerySet):
    def newest(self):
        """Keep the last row of each household: what it agrees to now."""
        later = self.model._default_manager.filter(
            village=models.OuterRef("village"),
            household=models.OuterRef("household"),
            number__gt=models.OuterRef("number"),
        )
        return self.exclude(models.Exists(later))

    def of(self, household):
        """Keep the rows of one household, the newest first."""
        mine = self.filter(village=household.village_id, household=household)
        return mine.order_by("-number")
