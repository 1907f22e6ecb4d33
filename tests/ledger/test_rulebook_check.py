"""What a draft is warned of: the list of what is never an item, and odd numbers."""

import pytest
from django.utils import translation

from ledger.models import ScoringItem
from ledger.rules.check import findings, findings_of
from ledger.rules.never_items import TOPICS


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


GOOD = {
    "code": "D10",
    "pillar": "virtue",
    "title": "爱护水源",
    "criterion": "清理水源地一次",
    "points_min": 2,
    "points_max": 4,
    "year_cap": 12,
    "evidence": "照片",
}
BAD = {**GOOD, "code": "N10", "pillar": "deduction", "repair": "可：清理干净"}


def found(**values):
    return findings(ScoringItem(**values), most=20)


def test_the_sample_itself_is_warned_of_nothing(village):
    items = list(village.rulebooks.get().items.all())

    assert findings_of(items, items) == {}


@pytest.mark.parametrize(
    "words",
    [
        "越级上访",
        "到镇里信访",
        "办酒罚款二百元",
        "积分全部清零",
        "取消低保申请",
        "影响子女入学",
        "信教活动",
        "未婚大龄青年",
        "患病不报告",
        "有精神障碍的",
        "未成年人上网",
        "欠缴合作医疗",
        "家属犯罪的",
        "在朋友圈乱说",
        "不安装手机应用软件",
        "不参加村民会议",
        "无故缺席会议",
    ],
)
def test_nothing_is_taken_for_what_is_never_an_item(words):
    (finding, *_rest) = found(**{**BAD, "criterion": words})

    assert finding.refused
    assert finding.law


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("全年不上访的", True),
        ("主动交罚款的", True),
        ("按时缴纳合作医疗", False),
        ("转发点赞村务信息", False),
        ("参加主题党日", False),
        ("学生放假表现好", False),
    ],
)
def test_what_is_rewarded_is_only_warned_of_unless_it_presses_a_right(words, refused):
    (finding,) = found(**{**GOOD, "criterion": words})

    assert finding.refused is refused


@pytest.mark.parametrize(
    "words",
    [
        "照料残疾亲属满一月",
        "帮助生病邻居送医",
        "参加村民会议发言",
        "看护放学的孩子过河",
    ],
)
def test_caring_for_people_is_a_good_deed(words):
    assert found(**{**GOOD, "criterion": words}) == []


def test_every_text_of_an_item_is_read():
    for name in ("title", "criterion", "evidence", "repair"):
        (finding,) = found(**{**BAD, name: "罚款"})
        assert finding.refused
    assert len({topic.name for topic in TOPICS}) == len(TOPICS) == 15


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({**GOOD, "month_cap": 1}, "month's limit is less than one"),
        ({**GOOD, "year_cap": 1}, "year's limit is less than one"),
        ({**GOOD, "month_cap": 20}, "less than the month's"),
        ({**GOOD, "points_max": 60, "year_cap": 60}, "outweigh"),
        ({**GOOD, "evidence": " "}, "proved"),
        ({**GOOD, "year_cap": None}, "No limit"),
        ({**BAD, "repair": ""}, "made good"),
        ({**BAD, "year_cap": None}, "needs a limit"),
        ({**BAD, "points_max": 21, "year_cap": 40}, "more than any"),
    ],
)
def test_odd_numbers_are_warned_of_and_never_refused(values, words):
    (finding,) = found(**values)

    assert words in finding.sentence
    assert not finding.refused
