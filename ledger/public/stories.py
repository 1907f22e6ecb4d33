"""The stories of a village as everybody may read them: names as agreed, no reasons."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Q
from PIL import Image

from households.models import Stewardship, Village
from households.roles import roles_granting
from ledger.board import PILLARS
from ledger.models import Deed, Story
from ledger.naming import name_in_story
from ledger.querysets import StoryQuerySet

ON_A_PAGE = 12
# What a reader meets of a story; a page is kept until one of these changes.
MARKS = (
    "number",
    "published_at",
    "shows_full_name",
    "shows_photo",
    "photo",
    "masked_name",
    "was_named_in_full",
    "deed__household__head_name",
    "deed__household__full_name_consented_on",
    "deed__household__group__name",
    "deed__item__title",
)


@dataclass(frozen=True)
class StoryList:
    """One page of a village's stories, of one pillar or of all."""

    stories: StoryQuerySet
    pillar: str
    page: Page

    @classmethod
    def asked(cls, village: Village, pillar: str, number: str) -> "StoryList":
        """Find the page asked for; what does not exist leads to the nearest."""
        stories = stories_of(village)
        pillar = pillar if pillar in PILLARS else ""
        if pillar:
            stories = stories.filter(deed__item__pillar=pillar)
        return cls(stories, pillar, Paginator(stories, ON_A_PAGE).get_page(number))

    def facts(self) -> tuple:
        """Return what the page depends on; a story taken down is not among it."""
        return (
            self.pillar,
            self.page.number,
            self.page.paginator.count,
            marks_of(self._shown()),
        )

    def content(self) -> dict:
        """Return the stories by the month of the deed, the newest first."""
        months: list[dict] = []
        for story in with_what_is_shown(self._shown()):
            line = as_read(story)
            month = line["day"].replace(day=1)
            if not months or months[-1]["month"] != month:
                months.append({"month": month, "stories": []})
            months[-1]["stories"].append(line)
        return {
            "pillar": self.pillar,
            "pillars": PILLARS,
            "page": self.page,
            "count": self.page.paginator.count,
            "months": months,
            "asked": f"pillar={self.pillar}&" if self.pillar else "",
        }

    def _shown(self) -> StoryQuerySet:
        start = self.page.start_index() - 1 if self.page.paginator.count else 0
        return self.stories[start : start + ON_A_PAGE]


def stories_of(village: Village) -> StoryQuerySet:
    """Return the public stories of a village, the newest deed first."""
    return Story.objects.filter(village=village).public().in_reading_order()


def with_what_is_shown(stories: StoryQuerySet) -> StoryQuerySet:
    return stories.select_related("deed__household__group", "deed__item")


def marks_of(stories: StoryQuerySet) -> tuple:
    return tuple(stories.values_list(*MARKS))


def find_story(village: Village, number: int) -> Story | None:
    """Find a public story with what its page shows."""
    return with_what_is_shown(stories_of(village)).filter(number=number).first()


def was_taken_down(village: Village, number: int) -> bool:
    """Tell whether a story was public under this number and is gone."""
    gone = Story.objects.filter(village=village, number=number).told_publicly_once()
    return gone.exists()


def neighbors_of(story: Story) -> dict[str, int | None]:
    """Return the numbers of the stories before and after one, in reading order."""
    day, number = story.deed.happened_on, story.number
    same_day = Q(deed__happened_on=day)
    newer = Q(deed__happened_on__gt=day) | (same_day & Q(number__gt=number))
    older = Q(deed__happened_on__lt=day) | (same_day & Q(number__lt=number))
    stories = stories_of(story.village)
    return {
        "previous": stories.filter(newer).values_list("number", flat=True).last(),
        "next": stories.filter(older).values_list("number", flat=True).first(),
    }


def as_read(story: Story) -> dict:
    """Return all that the public may know of a story."""
    deed = story.deed
    return {
        "number": story.number,
        "headline": story.headline,
        "text": story.text,
        "witnesses": story.witnesses,
        "day": deed.happened_on,
        "group": deed.household.group.name,
        "name": name_in_story(story),
        "points": deed.points,
        "pillar": deed.item.pillar,
        "item": deed.item,
        "photo_alt": story.photo_alt,
    }


def shows_photo(story: Story) -> bool:
    """Tell whether the family agreed to show the photo there is."""
    return bool(story.photo) and story.shows_photo


def photo_size(story: Story) -> dict[str, int] | None:
    """Return the width and height of the photo to show, so that nothing jumps."""
    if not shows_photo(story):
        return None
    try:
        with (
            story.photo.open("rb") as file,
            Image.open(file, formats=["JPEG"]) as shown,
        ):
            return {"width": shown.width, "height": shown.height}
    except FileNotFoundError:
        return None


def recorded_as(deed: Deed) -> str:
    """Return the role in which somebody wrote a deed down, never the name."""
    held = Stewardship.objects.filter(
        user=deed.recorded_by_id,
        village=deed.village_id,
        role__in=roles_granting("ledger.record_deed"),
    )
    steward = held.order_by("started_at", "pk").first()
    return steward.get_role_display() if steward else ""


def month_is_told(stories: list[dict], month: date) -> bool:
    """Tell whether all of some stories are of one month."""
    return all(line["day"].replace(day=1) == month for line in stories)
