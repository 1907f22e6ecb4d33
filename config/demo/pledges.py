"""承诺书 in the demo: most households have signed; a few said no to something.

Signed on the day the village joined, so that names stand where they stood.
"""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.utils import translation

from config.demo.township import People
from households.consent import Answers
from households.models import Household
from households.pledge_words import sample_pledge
from ledger.models import Story
from ledger.pledging import Paper, PledgeWords, record_papers, write_pledge

# Of so many households one has not signed yet, and one wants no stories, no file.
UNSIGNED, NO_STORIES, NO_FILE = 4, 7, 31


def sign_pledges(people: People, at: datetime) -> None:
    """Put the village's pledge in force, and record a stack of signed papers."""
    village = people.village
    with translation.override("zh-hans"):
        words = PledgeWords(**sample_pledge())
    pledge = write_pledge(
        village,
        words,
        # Not drawn from the seed, so that nothing else turns out otherwise.
        key=uuid5(NAMESPACE_URL, f"{village.slug} pledge"),
        by=people.staff["admin"],
        at=people.staff["admin"].date_joined,
    )
    told = set(
        Story.objects.filter(village=village)
        .standing()
        .values_list("deed__household", flat=True)
    )
    homes = Household.objects.filter(village=village).listed().in_reading_order()
    papers = [
        Paper(
            home,
            Answers(
                keeps_file=bool(place % NO_FILE),
                shows_name=home.full_name_consented_on is not None,
                tells_stories=home.pk in told or bool(place % NO_STORIES),
            ),
        )
        for place, home in enumerate(homes, 1)
        if place % UNSIGNED
    ]
    if papers:
        record_papers(
            pledge,
            papers,
            signed_on=pledge.in_force_from,
            key=uuid5(NAMESPACE_URL, f"{village.slug} papers"),
            by=people.staff["recorder"],
            at=at,
        )
