import importlib.util
import re
from pathlib import Path

import polib
import pytest
from django.utils.translation import gettext as _
from django.utils.translation import override

PATH = Path(__file__).resolve().parent.parent / "locale" / "catalogue.py"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def catalogue():
    spec = importlib.util.spec_from_file_location("catalogue", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def chinese(catalogue):
    return polib.pofile(str(catalogue.PO), wrapwidth=0)


def test_every_string_of_ours_has_its_chinese(catalogue, chinese):
    translated = {(entry.msgctxt, entry.msgid) for entry in chinese if entry.msgstr}

    assert catalogue.collect() - translated == set()


def test_the_catalogue_holds_nothing_that_is_gone_or_uncertain(catalogue, chinese):
    held = {(entry.msgctxt, entry.msgid) for entry in chinese}

    assert held - catalogue.collect() == set()
    assert [entry.msgid for entry in chinese if entry.fuzzy or entry.obsolete] == []


def test_the_compiled_catalogue_is_the_written_one(catalogue, chinese):
    assert catalogue.PO.with_suffix(".mo").read_bytes() == chinese.to_binary()


def test_a_translation_keeps_its_placeholders(chinese):
    changed = [
        entry.msgid
        for entry in chinese
        if set(PLACEHOLDER.findall(entry.msgid))
        != set(PLACEHOLDER.findall(entry.msgstr))
    ]

    assert changed == []


def test_django_reads_the_catalogue():
    with override("zh-hans"):
        assert _("On notice") == "公示中"
    with override("en"):
        assert _("On notice") == "On notice"
