"""Fictional people: heads of households and staff, as varied as real rosters are."""

from random import Random

# Surnames with their weights, roughly as common as they are in the southwest.
SURNAMES = {
    **dict.fromkeys("李王张刘陈杨", 7),
    **dict.fromkeys("周黄吴徐罗唐何邓", 4),
    **dict.fromkeys("郑孙许谢韩冯程曹袁魏蒋沈姚彭", 2),
    **dict.fromkeys("傅赵吕萧林董马郭梁曾宋高朱胡于向冉田谭蹇", 1),
    **dict.fromkeys(["欧阳", "司马", "令狐", "上官", "诸葛", "夏侯"], 0.15),
}
# Given names of two characters, one after the other.
_PAIRS = (
    "春耕秋实冬至立夏白露芒种谷雨小满惊蛰清明寒露霜降"
    "大暑处暑兴禾嘉禾新禾青禾稻香早稻晚稻麦香麦黄小麦"
    "晚麦谷穗金穗麦穗红豆青豆豌豆新谷粟米高粱玉米芝麻"
    "花生棉桃桑榆桑田桂圆金桂丰年满仓满田有粮长丰守田"
    "守土开田种玉勤耕来福长福春福世福青山远山岩石磐石"
    "松柏青松翠柏长河远河清泉甘泉溪月江流水生木生林生"
    "土生石生桥生根生春生雨生秋菊金菊腊梅红梅冬梅雪梅"
    "兰香桂香荷花桃李红桃杏花梨花石榴彩霞朝霞晚霞迎春"
    "长春知秋晚秋立冬瑞雪白雪初雪春雨喜雨晴川白云星河"
    "月明向阳朝阳晓晨修竹青竹紫藤翠柳杨柳银杏山茶木棉"
    "鹏程学文习武明理守信和平建社兴村荣乡巧云素珍明德"
    "会兰守正合意安邦定远思源念恩孝先"
)
GIVEN_NAMES = [_PAIRS[start : start + 2] for start in range(0, len(_PAIRS), 2)]
SHORT_NAMES = list("强军平勇华明芳兰梅英燕霞斌波涛稻穗禾")
# What a roster also holds: one-character given names, minority names with a
# dot, and characters that need four bytes.
UNUSUAL = (
    *("陈𬱖", "李𬀩", "罗𫘝", "王𠅤宁"),
    *("阿依古丽·买买提", "吉克·阿呷", "扎西·顿珠", "其木格·巴特尔"),
    *("欧阳小春", "司马长河", "令狐青松", "诸葛明"),
)
# The first village's households that the pictures of its board are known by.
KNOWN = {
    1: "陈小麦",
    2: "刘秋菊",
    3: "许稻香",
    4: "沈红豆",
    5: "刘彩霞",
    6: "吴桂圆",
    7: "许青豆",
    8: "傅冬梅",
    9: "赵新谷",
    10: "吕金菊",
    11: "萧远河",
    12: "林腊梅",
    13: "邓磐石",
    14: "董长春",
    15: "徐立冬",
    16: "曹白云",
    17: "沈晚秋",
    18: "郑岩石",
    19: "冯立夏",
    20: "陈金穗",
    27: "姚松柏",
    47: "孙谷雨",
    51: "邓木生",
    60: "袁守田",
    78: "周兴禾",
    82: "谢春耕",
    88: "曹来福",
    91: "彭长河",
    109: "何秋实",
    115: "唐丰年",
    121: "魏麦黄",
    136: "韩冬至",
    141: "郑小满",
    # The same name as number 2, in another group.
    145: "刘秋菊",
    149: "蒋桑榆",
    158: "沈芒种",
    164: "罗青山",
    170: "程白露",
}
# The keenest of them, the first on the board first.
KEENEST = (
    *("周兴禾", "吴桂圆", "郑小满", "孙谷雨", "何秋实", "许稻香", "罗青山"),
    *("谢春耕", "邓木生", "韩冬至", "唐丰年", "冯立夏", "程白露", "曹来福"),
    *("袁守田", "魏麦黄", "蒋桑榆", "沈芒种", "姚松柏", "彭长河"),
)
KNOWN_STAFF = {
    "recorder": ("王", "会兰"),
    "reviewer": ("李", "明德"),
    "supervisor": ("陈", "守正"),
    "shop": ("孙", "巧云"),
    "admin": ("刘", "建社"),
}


def head_names(count: int, rng: Random, *, known: dict[int, str]) -> list[str]:
    """Return the heads of a village's households in the order of their numbers.

    No two are alike by accident, as a name often finds a household.
    """
    odd = rng.sample(range(1, count + 1), min(count // 12, len(UNUSUAL)))
    given = dict(zip(odd, rng.sample(UNUSUAL, len(UNUSUAL)), strict=False)) | known
    taken = {*given.values(), *KNOWN.values()}
    names = []
    for number in range(1, count + 1):
        name = given.get(number)
        while name is None or (name in taken and number not in given):
            name = "".join(full_name(rng))
        taken.add(name)
        names.append(name)
    return names


def full_name(rng: Random) -> tuple[str, str]:
    """Make up a surname and a given name."""
    surname = rng.choices(list(SURNAMES), list(SURNAMES.values()))[0]
    given = rng.choice(SHORT_NAMES if rng.random() < 0.08 else GIVEN_NAMES)
    return surname, given
