"""What may never add or take points: words that an item's text should not touch.

The list was drawn up with the rules themselves. Each topic says why, and which law or
notice stands behind it. A word is only a hint, so it warns; where points would be
taken for it, or it would put pressure on a right, the item is not voted on like this.
"""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CARING = r"照料|照顾|照看|看护|帮助|帮扶|探望|关爱|慰问|护送"


@dataclass(frozen=True)
class Topic:
    """One thing that is never an item, the words it shows by, and the reason.

    `words` speak of it, `unless` they are about caring for somebody. It is not
    voted on when points are taken for it, and with `rewards` also when given.
    With `deductions` good deeds may speak of it freely.
    """

    name: str
    words: str
    why: Promise
    law: Promise | str = ""
    unless: str = ""
    rewards: bool = False
    deductions: bool = False
    only_warns: bool = False

    def found_in(self, text: str) -> str:
        """Return the first word of the topic in a text, or nothing."""
        if self.unless and re.search(self.unless, text):
            return ""
        match = re.search(self.words, text, re.IGNORECASE)
        return match[0] if match else ""


TOPICS = [
    Topic(
        "petitions",
        r"信访|上访|越级反映|缠访|非访|进京",
        _("To petition or complain is a right; no points hang on it."),
        _("Constitution, art. 41"),
        rewards=True,
    ),
    Topic(
        "punishments",
        r"罚款|罚金|罚没|扣款|押金|检讨|曝光|黑名单|断水|断电|停水|停电|清零|归零",
        _("A village cannot fine, shame or cut off anybody, or take all points."),
        _("Administrative Penalties Law; 2018 guidance on village rules"),
        rewards=True,
    ),
    Topic(
        "entitlements",
        r"低保|特困|五保|惠民|惠农|补贴|补助|救助金|宅基地|承包地|承包权|分红|"
        r"入学|贷款|政审|开证明|不予办理|停发|缓发",
        _("What the law gives to a household does not depend on points."),
        _("Organic Law of Villagers' Committees, art. 27"),
    ),
    Topic(
        "religion",
        r"宗教|信教|教徒|信徒|做礼拜|教堂|清真寺|信仰",
        _("Faith is free and no matter of points."),
        _("Constitution, art. 36; PIPL, art. 28"),
    ),
    Topic(
        "birth and marriage",
        r"生育|计生|计划生育|二孩|二胎|三孩|三胎|超生|堕胎|未婚|离婚|离异|再婚|"
        r"婚姻状况|光棍|大龄",
        _("Whether people marry or have children is their own matter."),
        _("Civil Code, art. 1032"),
    ),
    Topic(
        "health",
        r"残疾|疾病|患病|生病|传染病|精神病|精神障碍|精神健康|精神疾病|艾滋|戒毒|"
        r"疫苗|体检|失能",
        _("Illness and disability are sensitive, and never anybody's fault."),
        _("PIPL, art. 28"),
        unless=CARING,
    ),
    Topic(
        "minors",
        r"未成年|中小学生|小学生|中学生|学生|少年|小孩|孩子|儿童|逃学|辍学|早恋",
        _("What children do is not counted for or against their household."),
        _("PIPL, art. 28; Law on the Protection of Minors"),
        unless=CARING,
    ),
    Topic(
        "debts and insurance",
        r"欠款|欠费|欠缴|欠账|欠债|债务|医保|合作医疗|养老保险|社保|保险费|缴费",
        _("Debts and insurance have their own law; a village does not add to it."),
        _("Notice of 2020 on credit measures: each needs a legal basis"),
    ),
    Topic(
        "relatives",
        r"连坐|株连|被判刑|被判|服刑|刑满|(家属|亲属|家人)(犯罪|违法|被拘)",
        _("Nobody answers for what a relative did."),
        _("Organic Law of Villagers' Committees, art. 27"),
    ),
    Topic(
        "what people say online",
        r"网络言论|网上言论|网上发|发帖|跟帖|朋友圈|微信群|抖音|快手|转发|点赞|舆情",
        _("Words online are no item, and likes and shares are no good deeds."),
        _("Constitution, art. 35; notice of 2026 on forms at the fingertips"),
    ),
    Topic(
        "software",
        r"安装.{0,4}(软件|应用|APP)|下载.{0,6}(软件|应用|APP)|APP|小程序|公众号|打卡|"
        r"注册账号|实名注册",
        _("Nobody must use any software, and using it is no good deed."),
        _("Notice of 2026 on forms at the fingertips"),
    ),
    Topic(
        "meetings not attended",
        r"(不|未|没|缺席|拒不|无故).{0,6}(参加|参会|到会|开会|会议)",
        _("Coming to a meeting is a right; staying away costs nothing."),
        _("Organic Law of Villagers' Committees, art. 27"),
        deductions=True,
    ),
    Topic(
        "credit records",
        r"失信|征信|信用分|信用等级|信用记录",
        _("Points are not a credit record and must not be called one."),
        _("Notice of 2020 on credit measures: each needs a legal basis"),
        only_warns=True,
    ),
    Topic(
        "the party's own books",
        r"党日|党费|党员活动|组织生活",
        _("The party keeps its own books; the village's are for every household."),
        only_warns=True,
    ),
    Topic(
        "those who keep the books",
        r"评议员|记分员|记录员|审核员|监督员",
        _("Whoever keeps the ledger would give points to themselves."),
        only_warns=True,
    ),
]
