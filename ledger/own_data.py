"""Everything that is kept about one household, for the household itself to read."""

from dataclasses import asdict
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from households.models import (
    ChangeNote,
    Household,
    HouseholdChange,
    HouseholdConsent,
)
from ledger.answers import declarations_of, objections_of, repairs_of
from ledger.models import (
    Activity,
    Deed,
    Entry,
    EvidencePhoto,
    Finding,
    SignIn,
    Story,
)
from ledger.passbooks.passbook import entries_of
from ledger.sealing import canonical, commitment, committed, salt_of

SHOWN_OF_A_PHONE = 3, 4  # the first and the last digits


def own_data_of(household: Household) -> dict:
    """Return what is stored about a household, as plain values for a file.

    Every entry comes with its salt, by which the household finds its lines
    among the commitments of the published documents.
    """
    consented_on = household.full_name_consented_on
    photos = EvidencePhoto.objects.filter(
        village=household.village_id, deed__household=household
    )
    return {
        "household": {
            "village": household.village.name,
            "group": household.group.name,
            "number": household.number,
            "head": household.head_name,
            "status": household.status,
            "phone": masked_phone(household.phone),
            "full_name_agreed_on": consented_on and consented_on.isoformat(),
        },
        "changes": [_change(change) for change in changes_about(household)],
        "consents": [_consent(row) for row in consents_of(household)],
        "deeds": [_deed(deed) for deed in _deeds(household)],
        "photos": photos.count(),
        "activities": [_sign_in(one) for one in _sign_ins(household)],
        "rounds": [_finding(one) for one in _findings(household)],
        "stories": [_story(story) for story in stories_about(household)],
        "entries": [_entry(entry, household) for entry in entries_of(household)],
        "declarations": [_plain(asdict(one)) for one in declarations_of(household)],
        "objections": [_plain(asdict(one)) for one in objections_of(household)],
        "repairs": [_plain(asdict(one)) for one in repairs_of(household)],
    }


def masked_phone(phone: str) -> str:
    """Show the ends of a phone number, enough to know one's own."""
    first, last = SHOWN_OF_A_PHONE
    hidden = len(phone) - first - last
    if hidden <= 0:
        return "*" * len(phone)
    return f"{phone[:first]}{'*' * hidden}{phone[-last:]}"


def stories_about(household: Household) -> QuerySet[Story]:
    """Return the stories of a household's deeds, those still being written too."""
    stories = Story.objects.filter(
        village=household.village_id, deed__household=household
    )
    return stories.standing().order_by("number")


def changes_about(household: Household) -> list[HouseholdChange | ChangeNote]:
    """Return what changed in a household, and what is noted and not confirmed yet."""
    done = HouseholdChange.objects.about(household).order_by("number")
    noted = ChangeNote.objects.waiting().about(household).order_by("noted_at", "pk")
    return [*done, *noted]


def consents_of(household: Household) -> QuerySet[HouseholdConsent]:
    """Return what a household signed and took back, the newest first."""
    return HouseholdConsent.objects.of(household).select_related("pledge")


def _consent(row: HouseholdConsent) -> dict:
    return {
        "day": row.day.isoformat(),
        "what": row.kind,
        "what_label": row.get_kind_display(),
        "pledge": row.pledge.title if row.pledge else "",
        "version": row.pledge.number if row.pledge else None,
        "signed_on": row.signed_on and row.signed_on.isoformat(),
        "answers": [
            {"asked": asked, "asked_label": label, "agreed": answer}
            for asked, label, answer in row.answers
        ],
    }


def _change(change: HouseholdChange | ChangeNote) -> dict:
    before, after = "", ""
    if isinstance(change, HouseholdChange):
        before, after = change.head_before, change.head_after
    else:
        after = change.head_name
    signed = (change.signed_by, change.signed_by_other)
    return {
        "day": change.takes_effect_on.isoformat(),
        "change": change.kind,
        "change_label": change.get_kind_display(),
        "head_before": before,
        "head_after": after,
        "points": change.points,
        "paper": change.paper,
        "signed_by": [name for name in signed if name],
        "is_confirmed": isinstance(change, HouseholdChange),
    }


def _deeds(household):
    """Leave out what is said against a household before it was told so itself."""
    deeds = Deed.objects.filter(village=household.village_id, household=household)
    unheard = Q(points__lt=0, heard_on=None, state=Deed.State.PENDING)
    in_order = deeds.exclude(unheard).order_by("happened_on", "pk")
    return in_order.select_related("item")


def _deed(deed: Deed) -> dict:
    return {
        "day": deed.happened_on.isoformat(),
        "item": deed.item.code,
        "title": deed.item.title,
        "points": deed.points,
        "channel": deed.channel,
        "state": deed.state,
        "state_label": deed.get_state_display(),
        # What was taken back may have been about somebody else.
        "note": "" if deed.state == Deed.State.WITHDRAWN else deed.note,
        "recorded_on": timezone.localdate(deed.recorded_at).isoformat(),
    }


def lists_of(household: Household) -> list[Activity]:
    """Return the activities on whose open list a household stands, by their day."""
    mine = SignIn.objects.filter(village=household.village_id, household=household)
    in_order = mine.on_open_lists().order_by(
        "activity__day", "activity__begins_at", "pk"
    )
    return [one.activity for one in in_order.select_related("activity")]


def _sign_ins(household):
    of_household = SignIn.objects.filter(
        village=household.village_id, household=household
    )
    in_order = of_household.standing().order_by("activity__day", "pk")
    return in_order.select_related("activity__item")


def _sign_in(one: SignIn) -> dict:
    return {
        "day": one.activity.day.isoformat(),
        "title": one.activity.title,
        "item": one.activity.item.code,
        "how": one.how,
        "how_label": one.get_how_display(),
        "said_beforehand_only": one.is_ahead,
        "signed_in_at": timezone.localtime(one.at).isoformat(timespec="minutes"),
        "recorded": one.deed_id is not None,
        "not_recorded_because": one.get_left_out_display(),
    }


def _findings(household):
    """Leave out what a round noted before it was closed, and so told."""
    of_household = Finding.objects.filter(
        village=household.village_id,
        household=household,
        round__closed_at__isnull=False,
    )
    return of_household.select_related("round").order_by("round__day", "pk")


def _finding(one: Finding) -> dict:
    return {
        "day": one.round.day.isoformat(),
        "yard": one.yard,
        "yard_label": one.get_yard_display(),
        "waste_sorted": one.is_sorted,
        "note": one.note,
        "reminder": one.reminder,
        "told_on": one.told_on and one.told_on.isoformat(),
        "looked_at_again_on": one.rechecked_on and one.rechecked_on.isoformat(),
        "outcome": one.outcome,
        "outcome_label": one.get_outcome_display(),
    }


def _story(story: Story) -> dict:
    return {
        "number": story.number,
        "headline": story.headline,
        "text": story.text,
        "is_public": story.published_at is not None,
        "agreed_by": story.consent_by,
        "agreed_on": story.consent_on and story.consent_on.isoformat(),
        "full_name": story.shows_full_name,
        "photo": bool(story.photo),
    }


def _entry(entry: Entry, household: Household) -> dict:
    entry.household = household
    return {
        "content": committed(entry),
        "salt": salt_of(entry),
        "line": canonical(committed(entry)).decode().rstrip("\n"),
        "commitment": commitment(entry),
        "posted_on": timezone.localdate(entry.posted_at).isoformat(),
    }


def _plain(values: dict) -> dict:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
