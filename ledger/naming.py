"""Who is named in full: laid over a frozen month, never frozen into it.

A document holds masked names for ever. A page names a household in full only
while it is agreed to today, so that a withdrawn consent ends on every page.
"""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from households.masking import mask_name
from households.models import Household, Village
from ledger.models import Story


@dataclass(frozen=True)
class OpenNames:
    """The heads who may be named in full today, by household number.

    `agreed` holds number, name and the day of the consent, which is missing
    where the whole village decided.
    """

    is_decided: bool
    agreed: tuple[tuple[str, str, date | None], ...]

    def on(self, day: date) -> dict[str, str]:
        """Return the full names for what was published on a day."""
        return {
            number: name
            for number, name, agreed_on in self.agreed
            if self.is_decided or (agreed_on is not None and agreed_on <= day)
        }


def open_names(village: Village) -> OpenNames:
    """Ask who may be named in full now: one question, whatever is shown (PIPL 25)."""
    households = Household.objects.filter(village=village)
    is_decided = bool(village.policy.full_names_decision)
    if not is_decided:
        households = households.filter(full_name_consented_on__isnull=False)
    rows = households.order_by("number").values_list(
        "number", "head_name", "full_name_consented_on"
    )
    return OpenNames(is_decided, tuple(rows))


def with_names(document: dict, names: OpenNames) -> dict:
    """Return a document, as read, with the full names it may show today.

    Only ranked households are named by their consent, all of them by a decision
    of the village. Whoever heads a household now is not put on a month in which
    somebody else did: today's name must be the one that the document masks.
    """
    full = names.on(timezone.localdate(document["published_at"]))
    return {
        **document,
        "rows": [{**row, "name": _name(row, full, names)} for row in document["rows"]],
    }


def _name(row: dict, full: dict[str, str], names: OpenNames) -> str:
    masked = mask_name(row["name"])
    name = full.get(row["number"])
    may_show = names.is_decided or "place" in row
    return name if name and may_show and mask_name(name) == masked else masked


def name_in_story(story: Story) -> str:
    """Return the name a story may show today: in full only while that is agreed to.

    It needs the family's consent for this story. Where the board named the family
    in full as well, both end with the one that ends first.
    """
    home = story.deed.household
    is_same_head = mask_name(home.head_name) == story.masked_name
    is_withdrawn = story.was_named_in_full and home.full_name_consented_on is None
    if story.shows_full_name and is_same_head and not is_withdrawn:
        return home.head_name
    return story.masked_name
