"""Find my household: exactly, and only what is published."""

import pytest

from tests.factories import HouseholdFactory
from tests.ledger.documents import document, hang, row
from tests.ledger.reading import read, text_of


@pytest.fixture
def listed(village):
    """Put three households into the roster and the newest notice."""
    group = village.groups.get(number=1)
    for number, name in [("001", "罗青山"), ("002", "周兴禾"), ("003", "周兴禾")]:
        HouseholdFactory(village=village, group=group, number=number, head_name=name)
    hang(
        village,
        document(
            row(1, 98, 1, name="罗○山", month=8), row(2, 70, name="周○禾"), row(3),
            households=3,
        ),
    )  # fmt: skip
    return village


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("罗青山", "1社 · 001号 罗○山 98分 本月 +8"),
        ("　００１ ", "1社 · 001号 罗○山 98分 本月 +8"),
        ("1", "1社 · 001号 罗○山 98分 本月 +8"),
        ("周兴禾", "有2家叫这个名字，看社和户号"),
        ("周", "请写全名。只写姓会查到太多家"),
        ("欧阳", "请写全名。只写姓会查到太多家"),
        ("罗青", "没找到这一家。看看名字有没有写错，或者点下面的社慢慢找"),
        ("罗○山", "没找到这一家。看看名字有没有写错，或者点下面的社慢慢找"),
        ("099", "没找到这一家。看看名字有没有写错，或者点下面的社慢慢找"),
        ("", "请写户主全名，或者三位户号，比如 164"),
    ],
)
def test_a_household_is_found_by_full_name_or_number(listed, client, question, words):
    response = client.get("/v/taoxi/find/", {"q": question})

    assert words in text_of(response)


def test_what_is_found_is_shown_as_published_and_not_as_in_the_roster(listed, client):
    listed.households.filter(number="001").update(head_name="罗改名")

    page = read(client, "/v/taoxi/find/?q=罗改名")

    assert "1社 · 001号 罗○山 98分" in page
    assert "罗改名" not in page


def test_who_joined_since_the_notice_is_told_so(listed, client):
    HouseholdFactory(village=listed, number="004", head_name="新来户")

    assert "这一家还没写进最新一期公示" in read(client, "/v/taoxi/find/?q=新来户")


def test_an_answer_is_kept_nowhere(listed, client):
    response = client.get("/v/taoxi/find/?q=罗青山")

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_a_group_lists_its_households_by_number_and_only_known_groups_exist(
    listed, client
):
    text = read(client, "/v/taoxi/groups/1/")

    assert "1社 · 3户" in text
    assert text.index("001 罗○山") < text.index("002 周○禾") < text.index("003 周○禾")
    assert client.get("/v/taoxi/groups/2/").status_code == 404
