"""What stands in a resident's form instead of a cookie: a signed, dated, random key.

A public page sets no cookie, so Django's CSRF token has nothing to hang on. This
one says which form was opened where and for whom, so that nobody can make it up;
its random key is kept with what was filed, so that ten submits are one.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from django.core import signing

GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class FormToken:
    """A form that was opened: its kind, its village, and whom or what it is about.

    Households, publications and entries are named by their primary keys.
    """

    kind: str
    village: int
    household: int | None = None
    publication: int | None = None
    entry: int | None = None
    key: UUID = field(default_factory=uuid4)

    def __str__(self):
        about = [self.village, self.household, self.publication, self.entry]
        return signing.dumps([*about, self.key.hex], salt=_salt(self.kind))


def read_token(kind: str, text: str) -> tuple[FormToken | None, bool]:
    """Return the form that a token opened, and whether it is still good.

    What is too old can be read but not filed; what we did not sign is nothing.
    """
    for age in (GOOD_FOR, None):
        try:
            *about, key = signing.loads(text, salt=_salt(kind), max_age=age)
        except signing.SignatureExpired:
            continue
        except signing.BadSignature:
            break
        village, household, publication, entry = about
        token = FormToken(kind, village, household, publication, entry, UUID(key))
        return token, age is not None
    return None, False


def _salt(kind: str) -> str:
    return f"ledger.form.{kind}"
