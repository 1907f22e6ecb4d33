import pytest
from hypothesis import given
from hypothesis import strategies as st

from households.masking import COMPOUND_SURNAMES, HIDDEN, mask_name

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.characters(
    min_codepoint=0x20000, max_codepoint=0x2A6DF
)
SELECTOR = st.sampled_from(["", "\ufe00", "\U000e0100"])
CHARACTER = st.builds(lambda letter, selector: letter + selector, HAN, SELECTOR)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("陈德寿", "陈○寿"),
        ("许安", "许○"),
        ("欧阳小春", "欧阳○春"),
        ("欧阳春", "欧阳○"),
        ("欧阳", "欧○"),
        ("司徒", "司○"),
        ("歐陽小春", "歐陽○春"),
        ("欧春生", "欧○生"),
        ("东方红", "东方○"),
        ("陈王小明", "陈○○明"),
        ("阿卜杜·热合曼", "阿○·○曼"),
        ("阿·提", "阿○·○提"),
        ("阿依古丽•买买提", "阿○·○提"),
        ("迪丽‧热巴・木拉提", "迪○·○提"),
        ("·阿里", "·○里"),
        ("王", "○"),
        ("", "○"),
        (" 王 ", "○"),
        ("·", "○"),
        ("  陈德寿 ", "陈○寿"),
        ("𬱖小春", "𬱖○春"),
        ("𠮷春", "𠮷○"),
        ("葛\U000e0100城春", "葛\U000e0100○春"),
        ("葛\U000e0100城", "葛\U000e0100○"),
        ("王\ufe00", "○"),
        ("e\u0301a", "é○"),
    ],
)
def test_a_name_is_shown_by_its_ends(name, masked):
    assert mask_name(name) == masked


@given(st.lists(CHARACTER, min_size=2, max_size=8).map("".join))
def test_no_masked_name_is_the_name(name):
    masked = mask_name(name)

    assert masked != name
    assert HIDDEN in masked


@given(
    st.lists(CHARACTER, min_size=1, max_size=4).map("".join),
    st.lists(CHARACTER, min_size=1, max_size=4).map("".join),
    st.sampled_from("·•‧・．."),
)
def test_a_name_of_two_parts_never_shows_its_length(first, last, dot):
    masked = mask_name(f"{first}{dot}{last}")

    assert masked.count(HIDDEN) == 2
    assert masked != f"{first}{dot}{last}"


@given(
    st.sampled_from(sorted(COMPOUND_SURNAMES)), st.lists(HAN, min_size=1, max_size=3)
)
def test_a_double_surname_stays_whole(surname, given_name):
    assert mask_name(surname + "".join(given_name)).startswith(surname + HIDDEN)


def test_a_selector_never_stands_alone():
    assert mask_name("葛\U000e0100") == HIDDEN
