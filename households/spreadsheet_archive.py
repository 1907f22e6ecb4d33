"""Open a workbook's zip without trusting a word of what it says about itself."""

import io
import zipfile
import zlib
from xml.parsers import expat

MEMBERS = 64
UNPACKED_BYTES = 20 * 1024 * 1024
RATIO = 100
# A few hundred blank rows pack well and harm nobody.
ALWAYS_UNPACKED_BYTES = 100_000
# What zipfile raises for a file cut off, forged, or packed in a way it does not know.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Refused(Exception):
    """The file is not read; the code names the reason."""

    def __init__(self, code: str, **facts):
        super().__init__(code)
        self.answer = {"refused": code, **facts}


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the XML members, counting every byte that really comes out."""
    left = UNPACKED_BYTES
    members = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            if len(infos) > MEMBERS:
                raise Refused("bomb")
            for info in infos:
                if info.flag_bits & 1:
                    raise Refused("password")
                with archive.open(info) as member:
                    data = member.read(left + 1)
                left -= len(data)
                if left < 0 or len(data) > max(
                    RATIO * info.compress_size, ALWAYS_UNPACKED_BYTES
                ):
                    raise Refused("bomb")
                members[info.filename.removeprefix("/")] = data
    except UNREADABLE:
        raise Refused("damaged") from None
    if "xl/workbook.xml" not in members:
        is_binary = "xl/workbook.bin" in members
        raise Refused("old_format" if is_binary else "other_zip")
    for name, data in members.items():
        if _is_read(name) and not name.startswith("xl/worksheets/"):
            parse_xml(data, expat.ParserCreate())
    return members


def _is_read(name: str) -> bool:
    return name.endswith((".xml", ".rels")) and "externalLink" not in name


def repack(members: dict[str, bytes]) -> io.BytesIO:
    """Pack what was counted, so that nothing else can be read; values only."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            if _is_read(name):
                archive.writestr(name, member)
    packed.seek(0)
    return packed


def parse_xml(member: bytes, parser: expat.XMLParserType) -> None:
    def refuse_doctype(*_):
        raise Refused("damaged")

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.EntityDeclHandler = refuse_doctype
    try:
        parser.Parse(member, True)
    except expat.ExpatError:
        raise Refused("damaged") from None


def sheet_members(members: dict[str, bytes]) -> dict[str, bytes]:
    """Return the XML of each sheet by the name on its tab."""
    targets: dict[str, str] = {}
    sheets: dict[str, bytes] = {}

    def relationship(name, attributes):
        if local_name(name) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name, attributes):
        if local_name(name) == "sheet":
            ids = [attributes[key] for key in attributes if key.endswith(":id")]
            target = targets.get(ids[0] if ids else "", "")
            path = target[1:] if target.startswith("/") else f"xl/{target}"
            sheets[attributes.get("name", "")] = members.get(path, b"")

    for path, handler in (
        ("xl/_rels/workbook.xml.rels", relationship),
        ("xl/workbook.xml", sheet),
    ):
        parser = expat.ParserCreate()
        parser.StartElementHandler = handler
        parse_xml(members.get(path, b"<none/>"), parser)
    return sheets


def local_name(name: str) -> str:
    """Return the name of an XML element without its prefix."""
    return name.rpartition(":")[2]
