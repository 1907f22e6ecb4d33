"""Promises about the households' cards."""

import re

from django.apps import apps
from django.db import models

from households.models import Passbook
from households.passbooks import ALPHABET, TOKEN_LENGTH, token_of
from ledger.invariants.registry import invariant

# Every place where a code might begin, also inside a longer word.
CODE = re.compile(f"(?=([{ALPHABET}]{{{TOKEN_LENGTH}}}))")
WORDS = (models.CharField, models.TextField, models.JSONField)


@invariant("I-47")
def no_row_holds_a_code(villages):
    """No row holds the code of a household's card, only its hash."""
    passbooks = Passbook.objects.filter(village__in=villages)
    codes = {token_of(passbook) for passbook in passbooks}
    if not codes:
        return
    for model, columns in _columns_of_words():
        rows = model._base_manager.filter(village__in=villages).order_by("pk")
        for pk, *words in rows.values_list("pk", *columns).iterator():
            if codes.intersection(CODE.findall(" ".join(map(str, words)))):
                yield f"{model._meta.model_name} {pk}"


def _columns_of_words():
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.local_fields}
        columns = [
            name
            for name, field in fields.items()
            if isinstance(field, WORDS)
            and (field.max_length or TOKEN_LENGTH) >= TOKEN_LENGTH
        ]
        if "village" in fields and columns:
            yield model, columns
