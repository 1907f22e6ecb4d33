"""核对村公示文件：python verify_publication.py 文件夹或文件……

每个月的 publication.json 下载后放进一个文件夹（文件名随意），本程序核对：
文件格式、校验码、月份顺序、前后相连、合计、名次规则。只用 Python 3.8 以上自带
的东西，不联网，不改文件。有一处不对，最后一行就说“有不对的地方”，退出码为 1。

能证明：公示过的月份后来没有改过。不能证明：一件好事当时真的做过。

Checks the published months of a village: form, digest, chain, totals, ranking.
It imports nothing of the program that wrote the files, on purpose.
"""

import hashlib
import json
import re
import sys
import unicodedata
from pathlib import Path

FORMAT = "good-deeds-month/1"
HEX = re.compile(r"[0-9a-f]{64}")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def canonical(content) -> bytes:
    """Integers and NFC strings, keys sorted, UTF-8, one line and a line feed."""
    style = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
    return f"{json.dumps(content, **style)}\n".encode()


def digest_of(document: dict) -> str:
    content = {key: value for key, value in document.items() if key != "digest"}
    chained = f"{document['previous_digest']}{sha256(canonical(content))}"
    return sha256(chained.encode())


def is_plain(content) -> bool:
    """Tell whether content is whole numbers and composed strings, and nothing else."""
    if isinstance(content, dict):
        return all(is_plain(part) for pair in content.items() for part in pair)
    if isinstance(content, list):
        return all(map(is_plain, content))
    if isinstance(content, str):
        return unicodedata.normalize("NFC", content) == content
    return type(content) is int


def form(document: dict, content: bytes):
    """Check the file itself, and the digest of what it says."""
    if document["format"] != FORMAT:
        yield f"格式是 {document['format']}，本程序只认得 {FORMAT}"
    if canonical(document) != content or not is_plain(document):
        yield "文件不是原样（改过字、空格或换行）"
    if digest_of(document) != document["digest"]:
        yield "校验码和内容对不上：内容改过，或者校验码改过"


def totals(document: dict):
    """Check that counts, groups, pillars and totals add up in themselves."""
    rows, counts, sums = document["rows"], document["counts"], document["totals"]
    if counts["households"] != len(rows):
        yield f"写着{counts['households']}户，列出来{len(rows)}户"
    for group in document["groups"]:
        listed = sum(row["group"] == group["number"] for row in rows)
        if listed != group["households"]:
            yield f"{group['name']}写着{group['households']}户，列出来{listed}户"
    pillars = counts["pillars"].values()
    for key in ("deeds", "points"):
        if counts[key] != sum(pillar[key] for pillar in pillars):
            yield "三类好事加起来不等于合计"
    if counts["points"] != sums["additions"]:
        yield "加分合计前后不一样"
    if min(sums["base"], sums["additions"], sums["deductions"], sums["repairs"]) < 0:
        yield "合计里有负数"
    listed = sum(line["points"] for line in document["deductions"])
    if listed > sums["deductions"]:
        yield "列出的扣分比合计还多"
    cell = document["deduction_cell"]
    if any(line["households"] < cell for line in document["deductions"]):
        yield f"有扣分不到{cell}户也列了出来"
    if not all(map(HEX.fullmatch, document["commitments"])):
        yield "凭据（commitments）写法不对"


def ranking(document: dict):
    """Check who stands where: more points, a better place; equal points share it."""
    rows, base = document["rows"], document["base"]
    if rows != sorted(rows, key=lambda row: (row["group"], row["number"])):
        yield "各户没有按社和户号排"
    if len({row["number"] for row in rows}) != len(rows):
        yield "有户号出现两次"
    ranked = [row for row in rows if "place" in row]
    for row in ranked:
        better = sum(other.get("score", 0) > row.get("score", 0) for other in ranked)
        alike = sum(other["place"] == row["place"] for other in ranked)
        if row["place"] != better + 1 or row["place"] > document["ranked_places"]:
            yield f"{row['number']}号名次是{row['place']}，按积分应是{better + 1}"
        if row.get("score", 0) <= base:
            yield f"{row['number']}号没有超过基础分{base}，却有名次"
        if (alike > 1) != ("tied" in row):
            yield f"{row['number']}号的“并列”标得不对"
    for row in rows:
        if row.get("score", base) < base or row.get("month", 1) < 1:
            yield f"{row['number']}号的分数不该这样写出来"


def chain(document: dict, before: dict):
    """Check that a month goes on from the one before it."""
    year, month = map(int, before["month"].split("-"))
    if document["month"] != f"{year + month // 12}-{month % 12 + 1:02d}":
        yield f"前一份是{before['month']}，中间缺了月份或者顺序不对"
        return
    if document["previous_digest"] != before["digest"]:
        yield f"没有接上{before['month']}：上月的校验码对不上"
    new = document["last_entry"] - before["last_entry"]
    if new != len(document["commitments"]):
        yield f"新记{new}笔，凭据却有{len(document['commitments'])}条"
    if document["published_at"] < before["published_at"]:
        yield "公示时间比上月还早"
    if len({(d["month"][:4], d["ranked_places"]) for d in (document, before)}) == 1:
        yield from moves(document, before)


def moves(document: dict, before: dict):
    """Check the places that were gained or lost since the month before."""
    was = {row["number"]: row["place"] for row in before["rows"] if "place" in row}
    for row in document["rows"]:
        if "moved" in row and row["number"] in was:
            if row["moved"] != was[row["number"]] - row["place"]:
                yield f"{row['number']}号的升降和上月对不上"
        elif "moved" in row or ("new" in row and row["number"] in was):
            yield f"{row['number']}号的升降和上月对不上"


def sums_of_year(documents: list):
    """Check that the scores on the board are what the months gave, as far as shown.

    Who is below the base points shows no score, who has left shows no line, and a
    month may put right what was given in another year: then nothing is added up.
    """
    last = documents[-1]
    year = last["month"][:4]
    months = [document for document in documents if document["month"][:4] == year]
    shown = {row["number"] for row in last["rows"] if "score" in row}
    is_whole = months[0]["issue"] == 1 and all(
        {row["number"] for row in month["rows"]} <= shown
        and not month["totals"]["repairs"]
        and all(line["month"][:4] == year for line in month["corrections"])
        for month in months
    )
    sums = [month["totals"] for month in months]
    plus = sum(s["base"] + s["additions"] + s["reversals"] for s in sums)
    given = plus - sum(s["deductions"] for s in sums)
    if is_whole and sum(row["score"] for row in last["rows"]) != given:
        yield "各户积分加起来，不等于各月合计加起来"


def problems_of(documents: list):
    """Yield each document of one village, in order, with what is wrong with it."""
    ordered = sorted(documents, key=lambda found: found[0]["month"])
    for index, (document, content) in enumerate(ordered):
        wrong = [*form(document, content), *totals(document), *ranking(document)]
        if index:
            wrong += chain(document, ordered[index - 1][0])
        if not wrong:
            wrong += sums_of_year([d for d, _content in ordered[: index + 1]])
        yield document, wrong


def main(places: list) -> int:
    folders = [Path(place).glob("*.json") for place in places if Path(place).is_dir()]
    files = [Path(place) for place in places if not Path(place).is_dir()]
    paths = sorted({*files, *(path for folder in folders for path in folder)})
    villages, good = {}, bool(paths)
    for path in paths:
        try:
            content = path.read_bytes()
            document = json.loads(content)
            list(problems_of([(document, content)]))
            village = villages.setdefault(document["village"]["slug"], [])
            village.append((document, content))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            good = False
            sys.stdout.write(f"{path.name}：读不出来，不是公示文件\n")
    for documents in villages.values():
        for document, wrong in problems_of(documents):
            code = " ".join(re.findall("....", document["digest"])[:4])
            name = f"{document['village']['name']} {document['month']}"
            sys.stdout.write(f"{name}  校验码 {code}  {'；'.join(wrong) or '对'}\n")
            good = good and not wrong
    sys.stdout.write("全部都对\n" if good else "有不对的地方，或者没有文件\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:]))
