"""The next version of the rules: adopted in the first village, drafted in another."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from config.demo.township import FIRST, TOWNSHIP_ACCOUNT, People
from households.models import User
from ledger.rules.asking import ask_township, comment
from ledger.rules.drafting import add_item, change_item, draft_rulebook
from ledger.rules.voting import Vote, first_possible_day, record_vote

SECOND = "shuanghe"
NEW_ITEM = {
    "title": "认领花木管护",
    "title_en": "Look after a stretch of green",
    "criterion": "认领一段村道或一块绿地，每月管护一次，组长确认",
    "points_min": 3,
    "points_max": 3,
    "unit": "每月",
    "month_cap": 3,
    "year_cap": 36,
    "evidence": "认领登记、组长确认",
}


def renew_rules(people: People, *, now: datetime, rng: Random) -> None:
    """Let the village that is first adopt new rules, and the second ask about its."""
    village = people.village
    if village.slug not in (FIRST, SECOND):
        return

    def key() -> UUID:
        return UUID(int=rng.getrandbits(128), version=4)

    def ago(days: int) -> datetime:
        return now - timedelta(days=days)

    clerk = User.objects.get(username=TOWNSHIP_ACCOUNT)
    admin = people.staff["admin"]
    draft = draft_rulebook(village, by=admin, at=ago(24))
    sorting = draft.items.get(code="Z04")
    change_item(
        sorting, points_min=3, points_max=3, month_cap=3, year_cap=36, by=admin,
        at=ago(24),
    )  # fmt: skip
    add_item(draft, "self", key=key(), by=admin, at=ago(23), **NEW_ITEM)
    ask_township(draft, by=admin, at=ago(20))
    if village.slug == SECOND:
        return
    wish = "新增的一条请写清楚由谁确认。"
    comment(draft, "changes", wish, key=key(), by=clerk, at=ago(18))
    answer = "已写明由组长确认。"
    comment(draft, "answer", answer, key=key(), by=admin, at=ago(17))
    ask_township(draft, by=admin, at=ago(17))
    comment(draft, "agreed", "", key=key(), by=clerk, at=ago(15))
    entitled = max(10, len(people.households))
    present = entitled * 5 // 6
    held_on = timezone.localdate(ago(8))
    record_vote(
        draft,
        Vote(
            meeting=f"{held_on.year}年第二次村民会议",
            kind="households",
            held_on=held_on,
            entitled=entitled,
            present=present,
            women=present * 2 // 5,
            votes_for=present - 3,
            against=2,
            abstained=1,
            filing_number=f"清溪备〔{held_on.year}〕7号",
        ),
        in_force_from=date(max(first_possible_day(draft), held_on).year + 1, 1, 1),
        key=key(),
        by=admin,
        at=ago(3),
    )
