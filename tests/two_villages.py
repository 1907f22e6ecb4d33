"""Two villages with everything in them; every word of the second is a canary."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.test import Client
from django.utils import timezone

from households.models import ImportBatch, Stewardship, User
from households.passbooks import print_cards
from households.roles import Role
from ledger.correcting import propose_correction
from ledger.models import Entry, EvidencePhoto
from ledger.objections import file_objection
from ledger.receiving import file_declaration
from ledger.rules.asking import ask_township, comment
from ledger.telling import Telling, hand_over_story, write_story
from ledger.withdrawing import note_download
from rewards.canceling import cancel_redemption
from rewards.fund import record_fund_movement
from rewards.stock import note_shortage, receive_stock
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    HouseholdFactory,
    TownshipFactory,
    VillageFactory,
    VillagerGroupFactory,
    adopt,
    approve,
    ask,
    award,
    bring,
    draft,
    exchange,
    note,
    offer,
    publish,
    record,
    serve,
    withdraw,
)
from tests.ledger.gatherings import arrive, invite
from tests.ledger.papers import pledge_of, sign
from tests.ledger.yards import find_untidy
from tests.rewards.roll import write_roll

# Slugs and numbers are what a visitor puts into an address, and so no secrets.
OURS = {"word": "喜鹊", "latin": "magpie", "phone": "13500135000", "slug": "zzyzx"}
THEIRS = {
    "word": "金丝雀",
    "latin": "kanarie",
    "phone": "13900139000",
    "slug": "qwghlm",
}


@dataclass
class Place:
    """A village, one row of each of its models, and what must not be read."""

    village: Any
    words: dict[str, str]
    people: dict[str, User]
    rows: dict[str, models.Model] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)

    @property
    def canaries(self):
        secrets = [self.village.genesis, *self.tokens]
        secrets += self.village.publications.values_list("digest", flat=True)
        secrets += self.village.households.values_list("secret", flat=True)
        spoken = [self.words[name] for name in ("word", "latin", "phone")]
        return [*spoken, *secrets]


def two_villages():
    """Return the users' own village and another one, of another township."""
    return furnish(OURS), furnish(THEIRS)


def furnish(words):
    word, latin = words["word"], words["latin"]
    township = TownshipFactory(name=f"{word}镇", slug=f"{words['slug']}-town")
    village = VillageFactory(
        township=township,
        name=f"{word}村",
        slug=words["slug"],
        supervision_phone=words["phone"],
    )
    people = {
        role: serve(
            village, role, username=f"{latin}-{role}", last_name=word, first_name=label
        )
        for role, label in Role.choices
    }
    place = Place(village, words, people)
    group = VillagerGroupFactory(village=village, number=1, name=f"{word}社")
    homes = [
        HouseholdFactory(
            village=village,
            group=group,
            number=f"{words['slug']}-{n}",
            head_name=f"{word}{name}",
            phone=words["phone"],
        )
        for n, name in enumerate(["春雨", "夏雨"])
    ]
    happenings(place, words, homes)
    cards = print_cards(village, village.households.all(), by=None, at=AFTER_NOTICE)
    place.tokens = [card.token for card in cards]
    place.rows |= {
        "village": village,
        "township": township,
        "villagergroup": group,
        "household": homes[0],
        "user": people[Role.RECORDER],
    }
    for model in models_of_a_village():
        if model._meta.model_name not in place.rows:
            row = model.objects.filter(village=village).order_by("pk").first()
            # What the admin shows must have a row; a test asks for it by name.
            if row:
                place.rows[model._meta.model_name] = row
    return place


def happenings(place, words, homes):
    village, people, word = place.village, place.people, words["word"]
    latin = words["latin"]
    recorder, reviewer = people[Role.RECORDER], people[Role.REVIEWER]
    rulebook = village.rulebooks.get()
    rulebook.adoption = f"{word}大会表决"
    rulebook.save(update_fields=["adoption"])
    rulebook.items.update(title=f"{word}项目", criterion=f"{word}细则")
    award(homes[0], "Z01", by=recorder, note=f"{word}开会")
    approve(record(homes[1], "N01", 3, by=recorder, note=f"{word}倒垃圾"), by=reviewer)
    earlier = FIRST_OF_APRIL - timedelta(minutes=30)
    first = publish(village, by=reviewer, at=earlier)
    withdraw(first, by=reviewer, reason=f"{word}不同意")
    publication = publish(village, by=reviewer)
    note_download(publication, at=publication.published_at)
    entry = Entry.objects.get(village=village, kind="addition")
    propose_correction(entry, reason=f"{word}记错", by=recorder, at=AFTER_NOTICE)
    file_declaration(
        homes[1],
        text=f"{word}挑水",
        happened_on=timezone.localdate(AFTER_NOTICE),
        phone=words["phone"],
        photo=latin.encode(),
        key=uuid4(),
        at=AFTER_NOTICE,
    )
    file_objection(
        publication,
        text=f"{word}异议",
        grounds=f"{word}依据",
        contact=words["phone"],
        channel="phone",
        household=homes[1],
        entry=entry,
        by=people[Role.ADMIN],
        at=FIRST_OF_APRIL,
    )
    lost = Entry.objects.get(village=village, kind="deduction")
    place.rows["deduction"] = lost
    ask(lost, text=f"{word}清走", by=people[Role.ADMIN])
    tell(place, words, entry.deed)
    open_deed = record(
        homes[1], "Z05", by=recorder, note=f"{word}清扫", at=AFTER_NOTICE
    )
    EvidencePhoto.objects.create(
        village=village,
        deed=open_deed,
        image=ContentFile(b"", name=f"{words['latin']}.jpg"),
        added_at=AFTER_NOTICE,
    )
    for kind, name in [("roster", "importbatch"), ("deeds", "deedsheet")]:
        place.rows[name] = ImportBatch.objects.create(
            village=village,
            kind=kind,
            file_name=f"{words['latin']}.xlsx",
            sha256="0" * 64,
            state=ImportBatch.State.FAILED,
            uploaded_by=people[Role.ADMIN],
            uploaded_at=AFTER_NOTICE,
            rows=[{"head_name": word}],
            report={"problem": f"{word}表打不开"},
        )
    gather(place, words, homes)
    in_the_shop(place, words, homes[0])
    drawn_up(place, words)
    pledge_of(
        village,
        by=people[Role.ADMIN],
        title=f"{word}承诺书",
        lines=f"{word}守约",
        kept=f"{word}户号",
        contact=words["phone"],
    )
    sign(homes[0], by=recorder)
    place.rows["changenote"] = note(
        village,
        "head",
        household=homes[1],
        head_name=f"{word}秋雨",
        paper=f"{word}户口簿",
        signed_by=f"{word}户主",
        by=people[Role.ADMIN],
    )
    Stewardship.objects.create(
        user=people[Role.SUPERVISOR],
        village=village,
        role=Role.RECORDER,
        ended_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def tell(place, words, deed):
    """Let the story of a deed, with a photo, wait for its second reader."""
    word, recorder = words["word"], place.people[Role.RECORDER]
    telling = Telling(
        headline=f"{word}故事",
        text=f"{word}一。{word}二。{word}三。",
        witnesses=f"{word}组长",
        photo_alt=f"{word}照片",
        consent_by=f"{word}本人",
        consent_how="phone",
        consent_on=timezone.localdate(AFTER_NOTICE),
    )
    facts = {"by": recorder, "at": AFTER_NOTICE}
    story = write_story(deed, telling, photo=b"\xff\xd8", key=uuid4(), **facts)
    hand_over_story(story, seen=story.written_at, **facts)


def gather(place, words, homes):
    """Let a clean-up day wait for its end, with one household on its list."""
    village, word, recorder = place.village, words["word"], place.people[Role.RECORDER]
    activity = invite(
        village,
        title=f"{word}清洁日",
        words=f"{word}带扫把",
        place=f"{word}院坝",
        day=timezone.localdate(AFTER_NOTICE),
        by=recorder,
        at=AFTER_NOTICE,
    )
    arrive(activity, homes[0], by=recorder, at=AFTER_NOTICE)
    today = timezone.localdate(AFTER_NOTICE)
    note = f"{word}柴火"
    find_untidy(homes[0], by=recorder, note=note, day=today, at=AFTER_NOTICE)


def drawn_up(place, words):
    """Let one version of the rules be adopted for later, and the next be drafted."""
    village, word, by = place.village, words["word"], place.people[Role.ADMIN]
    facts = {"by": place.people[Role.TOWNSHIP], "at": AFTER_NOTICE}
    second = draft(village, by=by, at=AFTER_NOTICE)
    ask_township(second, by=by, at=AFTER_NOTICE)
    comment(second, "agreed", f"{word}镇同意", key=uuid4(), **facts)
    second.refresh_from_db()
    # Announced whenever it is read: within the two years that a vote may wait.
    now = timezone.now()
    adopt(
        second,
        in_force_from=timezone.localdate(now) + timedelta(days=600),
        at=now,
        by=by,
        meeting=f"{word}村民会议",
        filing_number=f"{word}备案",
    )
    third = draft(village, by=by, at=AFTER_NOTICE)
    place.rows |= {"draft": third, "draftitem": third.items.earliest("position")}


def in_the_shop(place, words, household):
    """Let the shop have goods, money, two slips, one canceled, and somebody wait."""
    village, word = place.village, words["word"]
    keeper, clerk = place.people[Role.SHOPKEEPER], place.people[Role.ADMIN]
    # The month stays on notice; these points came from another household.
    witness = place.people[Role.REVIEWER]
    bring(household, 40, at=AFTER_NOTICE, noted_by=clerk, confirmed_by=witness)
    goods = offer(village, f"{word}盐", 2, stock=0, unit=word[:2], by=keeper)
    facts = {"by": keeper, "at": AFTER_NOTICE}
    receive_stock(goods, 20, key=uuid4(), donor=f"{word}商店", **facts)
    note_shortage(goods, household, **facts)
    record_fund_movement(
        village,
        kind="grant",
        fen=123_400,
        happened_on=timezone.localdate(AFTER_NOTICE),
        party=f"{word}财政所",
        voucher=f"{words['latin']}-1",
        key=uuid4(),
        by=clerk,
        at=AFTER_NOTICE,
    )
    exchange(household, {goods: 5}, by=keeper, collected_by=f"{word}代领")
    slip = exchange(household, {goods: 6}, by=keeper)
    cancel_redemption(slip, reason=f"{word}换错", key=uuid4(), **facts)
    roll = {"by": clerk, "keeper": keeper, "at": AFTER_NOTICE, "word": word}
    write_roll(household, goods, year=2025, **roll)
    # An open objection keeps this year's list from being confirmed.
    write_roll(household, goods, year=2026, is_confirmed=False, **roll)


def models_of_a_village():
    """Return our models that carry a village."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in {"households", "ledger", "rewards"}
        and any(field.name == "village" for field in model._meta.local_fields)
    ]


def fingerprint(village):
    """Return row count and hash of each table, as far as it is one village's."""
    marks = {}
    for model in models_of_a_village():
        rows = model._default_manager.filter(village=village).order_by("pk").values()
        marks[model._meta.label] = digest(rows)
    own = type(village).objects.filter(pk=village.pk).values()
    marks["village"] = digest(own)
    return marks


def everything():
    """Return row count and hash of each table but those of logging in."""
    return {
        model._meta.label: digest(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in {"households", "ledger", "rewards", "admin"}
    }


def digest(rows):
    rows = list(rows)
    return len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()


class Visitor(Client):
    """A browser that reads every answer to its end."""

    def request(self, **request):
        response = super().request(**request)
        body = b"".join(response) if response.streaming else response.content
        response.body = body
        return response


def visitor(user):
    """Return a browser in which a person is logged in."""
    client = Visitor()
    client.force_login(user, backend="households.backends.StewardshipBackend")
    return client
