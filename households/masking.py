"""How a name is shown in public."""

import unicodedata

HIDDEN = "○"

# Two-character surnames still met today; a name that begins with one keeps it
# whole, so that 欧阳小春 reads 欧阳○春 and not 欧○○春.
_PAIRS = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊"
    "赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文"
    "司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正"
    "宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生左丘"
    "东门西门第五南荣歐陽司馬諸葛長孫聞人鍾離尉遲纳兰完颜耶律"
)
COMPOUND_SURNAMES = frozenset(
    _PAIRS[start : start + 2] for start in range(0, len(_PAIRS), 2)
)


def mask_name(name: str) -> str:
    """Hide the middle of a name: 陈○寿, 许○, 欧阳○春, 阿○·○提, one character ○.

    The first and the last character stay, the surname stays whole, and a name
    of two characters keeps only its surname (domain brief, section 4).
    """
    characters = _characters(unicodedata.normalize("NFC", name.strip()))
    parts = _split_at_dots(characters)
    if len(parts) > 1:
        return f"{parts[0][0]}{HIDDEN}·{HIDDEN}{parts[-1][-1]}"
    if len(characters) < 2:
        return HIDDEN
    surname = 2 if "".join(characters[:2]) in COMPOUND_SURNAMES else 1
    if surname == 2 and len(characters) == 2:
        surname = 1
    given = characters[surname:]
    kept = given[-1] if len(given) > 1 else HIDDEN
    hidden = HIDDEN * (len(given) - 1)
    return "".join(characters[:surname]) + hidden + kept


def _characters(name: str) -> list[str]:
    """Split into what a reader sees as characters, marks kept with their base."""
    characters: list[str] = []
    for point in name:
        if characters and (unicodedata.combining(point) or _is_selector(point)):
            characters[-1] += point
        else:
            characters.append(point)
    return characters


def _is_selector(point: str) -> bool:
    return "\ufe00" <= point <= "\ufe0f" or "\U000e0100" <= point <= "\U000e01ef"


def _split_at_dots(characters: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for character in characters:
        if character in "·•‧・．.":
            parts.append([])
        else:
            parts[-1].append(character)
    return [part for part in parts if part]
