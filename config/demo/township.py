"""The township and its villages: groups, households, staff, the rules they adopted."""

from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from string import ascii_letters, digits

from django.utils import timezone

from config.demo.names import KEENEST, KNOWN, KNOWN_STAFF, full_name, head_names
from households.models import (
    Household,
    Stewardship,
    Township,
    User,
    Village,
    VillagerGroup,
)
from households.pinyin import initials_of_name
from households.roles import Role
from ledger.models import Rulebook
from ledger.opening import open_village
from ledger.rulebooks import adopt_rulebook

TOWNSHIP = ("qingxi", "清溪镇")
TOWNSHIP_ACCOUNT = "township"
FIRST = "taoxi"
# Staff and a rulebook and nothing else: the village that has just joined.
NEWCOMER = ("qingshi", "青石村")
NAMES = {
    "taoxi": "桃溪村",
    "shuanghe": "双河村",
    "shiqiao": "石桥村",
    "liuwan": "柳湾村",
    "baiyang": "白杨村",
    "longtan": "龙潭村",
    "gaoping": "高坪村",
    "maozhu": "毛竹村",
    "xinglin": "杏林村",
    "yunfeng": "云峰村",
    "lianhua": "莲花村",
    "guihua": "桂花村",
    "shuinian": "水碾村",
    "wafang": "瓦房村",
    "songlin": "松林村",
    "daping": "大坪村",
    "jinlong": "金龙村",
    "tianwan": "田湾村",
    "heyan": "河堰村",
    "chating": "茶亭村",
    "meizi": "梅子村",
    "xiangyang": "向阳村",
    "huangge": "黄葛村",
    "banzhu": "斑竹村",
}
ROLES = {
    "recorder": Role.RECORDER,
    "reviewer": Role.REVIEWER,
    "supervisor": Role.SUPERVISOR,
    "shop": Role.SHOPKEEPER,
    "admin": Role.ADMIN,
}
# Household numbers run on through the groups, which are about this large.
GROUP_SIZES = (34, 31, 33, 28, 30, 30)
# The part of the households that is away, and that hardly takes part.
AWAY, QUIET = 0.04, 0.1


@dataclass(frozen=True)
class People:
    """Those who live in a village and serve it."""

    village: Village
    rulebook: Rulebook
    staff: dict[str, User]
    households: list[Household]
    # How likely a household is to take part, by its id; 0 for who is away.
    keenness: dict[int, float]


def villages_of_demo(count: int) -> list[tuple[str, str]]:
    """Return the slugs and names of the villages, the newcomer last."""
    return [*list(NAMES.items())[:count], NEWCOMER]


def usernames(villages: list[tuple[str, str]]) -> list[str]:
    """Return the accounts of the demo: the township's, then village by village."""
    return [
        TOWNSHIP_ACCOUNT,
        *(f"{slug}-{role}" for slug, _name in villages for role in ROLES),
    ]


def make_township(*, since: datetime) -> Township:
    """Make the township and the account of its staff."""
    slug, name = TOWNSHIP
    township, _is_new = Township.objects.get_or_create(
        slug=slug, defaults={"name": name}
    )
    user, is_new = User.objects.get_or_create(
        username=TOWNSHIP_ACCOUNT,
        defaults={
            "last_name": "周",
            "first_name": "定远",
            "is_staff": True,
            "date_joined": since,
        },
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        Stewardship.objects.create(
            user=user, role=Role.TOWNSHIP, township=township, started_at=since
        )
    return township


def make_village(
    township: Township,
    slug: str,
    name: str,
    *,
    position: int,
    households: int,
    since: datetime,
    rng: Random,
) -> People:
    """Make one village, ready to record; nothing is published yet."""
    day = timezone.localdate(since)
    village = open_village(
        Village(
            township=township,
            slug=slug,
            name=name,
            position=position,
            supervision_phone=f"0000-{position:06d}",
            is_demo=True,
            genesis=_secret(rng),
        ),
        on=day,
    )
    is_first = slug == FIRST
    known = KNOWN if is_first else {}
    people = _make_households(village, households, known, since=since, rng=rng)
    staff = {role: _make_steward(village, role, since=since, rng=rng) for role in ROLES}
    # In the first village the only reviewer has no household here, so that a
    # visitor can walk one month through to its publication.
    member = staff["recorder" if is_first else "reviewer"]
    member.household = next((h for h in people if h.status == "active"), None)
    member.save(update_fields=["household"])
    rulebook = village.rulebooks.get()
    if is_first:
        rulebook = adopt_rulebook(
            rulebook,
            adoption=_vote(day, households),
            adopted_on=day,
            by=staff["admin"],
            at=since,
        )
    keenness = {household.pk: _keenness(household, rng) for household in people}
    if staff["reviewer"].household:
        # Nobody else could decide its deeds.
        keenness[staff["reviewer"].household.pk] = 0
    return People(village, rulebook, staff, people, keenness)


def _make_households(village, count, known, *, since, rng):
    suffix = "社" if village.slug == FIRST else "组"
    groups = VillagerGroup.objects.bulk_create(
        VillagerGroup(village=village, number=number, name=f"{number}{suffix}")
        for number in range(1, len(_group_sizes(count)) + 1)
    )
    homes = [
        group
        for group, size in zip(groups, _group_sizes(count), strict=True)
        for _ in range(size)
    ]
    names = head_names(count, rng, known=known)
    width = max(3, len(str(count)))
    households = []
    for number, (group, head_name) in enumerate(zip(homes, names, strict=True), 1):
        is_keen = head_name in KEENEST
        fate = 1.0 if is_keen else rng.random()
        consents = rng.random() < (0.85 if is_keen else 0.7)
        households.append(
            Household(
                village=village,
                group=group,
                number=f"{number:0{width}d}",
                head_name=head_name,
                head_initials=initials_of_name(head_name),
                phone=f"000-0000-{number:04d}",
                status=_status(fate),
                full_name_consented_on=timezone.localdate(since) if consents else None,
                secret=_secret(rng),
            )
        )
    return Household.objects.bulk_create(households)


def _group_sizes(count: int) -> list[int]:
    """Share out the households: 186 as in GROUP_SIZES, others about as large."""
    if count == sum(GROUP_SIZES):
        return list(GROUP_SIZES)
    groups = min(count, max(2, round(count / 31))) if count else 0
    return [count // groups + (n < count % groups) for n in range(groups)]


def _status(fate: float) -> str:
    return Household.Status.AWAY if fate < AWAY else Household.Status.ACTIVE


def _keenness(household: Household, rng: Random) -> float:
    """Say how likely a household is to take part: few are keen, some never come."""
    ordinary = min(1.8, rng.lognormvariate(-0.1, 0.45))
    if household.status != Household.Status.ACTIVE:
        return 0
    if household.head_name in KEENEST and household.village.slug == FIRST:
        return 3.9 - 0.09 * KEENEST.index(household.head_name)
    return 0.05 if rng.random() < QUIET else ordinary


def _make_steward(village, role, *, since, rng):
    surname, given = full_name(rng)
    if village.slug == FIRST:
        surname, given = KNOWN_STAFF[role]
    user = User(
        username=f"{village.slug}-{role}",
        last_name=surname,
        first_name=given,
        is_staff=True,
        date_joined=since,
    )
    user.set_unusable_password()
    user.save()
    Stewardship.objects.create(
        user=user, role=ROLES[role], village=village, started_at=since
    )
    return user


def _vote(day: date, households: int) -> str:
    present = households * 5 // 6
    return (
        f"{day.year}年{day.month}月{day.day}日村民会议表决：应到{households}户，"
        f"实到{present}户，同意{present - 5}户，反对3户，弃权2户；"
        f"已报镇政府备案（{day.year}）第3号"
    )


def _secret(rng: Random) -> str:
    """Make what a real village draws at random, so that a seed gives one demo."""
    return "".join(rng.choices(ascii_letters + digits, k=43))
