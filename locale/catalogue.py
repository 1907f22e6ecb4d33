"""Keep the Chinese catalogue complete, without GNU gettext.

`make messages` collects the English source strings of our Python files and
templates, adds the new ones to django.po for a person to translate, drops
those that are gone, and writes django.mo. The tests fail while one is missing.
"""

import ast
import sys
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
APPS = ("config", "households", "ledger", "rewards")
CALLS = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy"}
# Strings of the libraries that their own Chinese catalogues leave in English.
BORROWED = Path(__file__).with_name("borrowed.txt")

Message = tuple[str | None, str]


def collect() -> set[Message]:
    """Return every (context, msgid) that our own code and templates ask for."""
    found: set[Message] = set()
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                found |= _in_python(path.read_text(encoding="utf-8"), path)
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            found |= _in_template(path)
    lines = BORROWED.read_text(encoding="utf-8").splitlines()
    return found | {(None, line.replace("\\n", "\n")) for line in lines if line}


def _in_python(source: str, path: Path) -> set[Message]:
    return {
        _message(node, path)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _name(node) in CALLS
    }


def _in_template(path: Path) -> set[Message]:
    """Read the calls that Django's own extraction makes of a template."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    found = set()
    for name in ("_(", "gettext(", "pgettext("):
        start = source.find(f" {name}")
        while start != -1:
            found.add(_message(_call_at(source, start + 1), path))
            start = source.find(f" {name}", start + 1)
    return found


def _call_at(source: str, start: int) -> ast.Call:
    """Parse the shortest text from a position on that is a whole call."""
    end = source.index(")", start) + 1
    while True:
        try:
            node = ast.parse(source[start:end], mode="eval").body
        except SyntaxError:
            end = source.index(")", end) + 1
        else:
            return node


def _message(call: ast.Call, path: Path) -> Message:
    values = [node.value for node in call.args if isinstance(node, ast.Constant)]
    wanted = 2 if _name(call).startswith("pgettext") else 1
    if len(values) < wanted:
        raise SystemExit(f"{path}:{call.lineno}: a translated string must be literal")
    return (values[0], values[1]) if wanted == 2 else (None, values[0])


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", None) or getattr(call.func, "attr", "")


def update() -> list[str]:
    """Bring django.po up to date and compile it; return what lacks Chinese."""
    catalogue = polib.pofile(str(PO), wrapwidth=0)
    known = {(entry.msgctxt, entry.msgid): entry for entry in catalogue}
    wanted = collect()
    for key, entry in known.items():
        if key not in wanted:
            catalogue.remove(entry)
    for context, msgid in wanted - set(known):
        catalogue.append(polib.POEntry(msgctxt=context, msgid=msgid))
    catalogue.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    for entry in catalogue:
        named = "%(" in entry.msgid
        entry.flags = ["python-format"] if named else []
    catalogue.save(newline="\n")
    PO.with_suffix(".mo").write_bytes(catalogue.to_binary())
    return [entry.msgid for entry in catalogue if not entry.msgstr]


if __name__ == "__main__":
    untranslated = update()
    for msgid in untranslated:
        sys.stdout.write(f"no Chinese yet: {msgid}\n")
    sys.exit(bool(untranslated))
