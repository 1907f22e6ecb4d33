"""What a story still lacks before everybody may read it."""

import re

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.consent import newest_consent
from households.models import Household
from ledger.models import Story

FEWEST_SENTENCES, MOST_SENTENCES = 3, 8
# A name of two characters is too easily part of another word.
SHORTEST_NAME = 3
SENTENCE_END = re.compile(r"[。！？!?]+|\.(?=\s|$)")
LONG_NUMBER = re.compile(r"\d{7,}")


def what_is_missing(story: Story) -> list[str]:
    """Return what stands between a story and its publication, in sentences."""
    return [*_missing_words(story), *_missing_consent(story), *_named(story)]


def _missing_words(story: Story) -> list[str]:
    sentences = [part for part in SENTENCE_END.split(story.text) if part.strip()]
    missing = []
    if not story.headline:
        missing.append(_("Write a headline."))
    if not FEWEST_SENTENCES <= len(sentences) <= MOST_SENTENCES:
        missing.append(
            _("Tell it in %(fewest)s to %(most)s sentences; now there are %(count)s.")
            % {
                "fewest": FEWEST_SENTENCES,
                "most": MOST_SENTENCES,
                "count": len(sentences),
            }
        )
    if not story.witnesses:
        missing.append(_("Write who can confirm it, by role: two neighbors."))
    if story.photo and not story.photo_alt:
        missing.append(_("Say in a few words what the photo shows."))
    return missing


def refusal_on_paper(household: Household) -> str:
    """Say that a household wants no stories told; nothing when it never said so."""
    newest = newest_consent(household)
    if newest is None or newest.tells_stories is not False:
        return ""
    return _(
        "Household %(number)s said on %(day)s that it wants no stories told. Only a "
        "newer pledge with its signature changes that."
    ) % {"number": household.number, "day": date_format(newest.day)}


def _missing_consent(story: Story) -> list[str]:
    refusal = refusal_on_paper(story.deed.household)
    if refusal:
        return [refusal]
    if not (story.consent_by and story.consent_how and story.consent_on):
        return [_("Ask the family, and write down who agreed, how and on which day.")]
    if story.consent_on > timezone.localdate(story.written_at):
        return [_("The day of the consent cannot be later than today.")]
    return []


def _named(story: Story) -> list[str]:
    """Say which full names and long numbers stand where everybody would read them."""
    words = "\n".join([story.headline, story.text, story.witnesses, story.photo_alt])
    home = story.deed.household
    sentences = []
    if home.head_name in words and not story.shows_full_name:
        sentences.append(
            _("The family did not agree to its full name: write %(name)s otherwise.")
            % {"name": home.head_name}
        )
    others = Household.objects.filter(village=story.village_id).exclude(
        head_name=home.head_name
    )
    sentences += [
        _("Another family's full name stands in it: %(name)s. Leave the name out.")
        % {"name": name}
        for name in sorted(set(others.values_list("head_name", flat=True)))
        if len(name) >= SHORTEST_NAME and name in words
    ]
    if LONG_NUMBER.search(words):
        sentences.append(_("Leave out phone and identity numbers."))
    return sentences
