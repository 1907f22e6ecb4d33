"""What came by the web, on the list of what was declared."""

from collections.abc import Mapping
from typing import cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _

from households.models import User, Village
from ledger.desk.declaration_forms import AcceptFiledForm
from ledger.forms import RejectForm
from ledger.models import Declaration, Deed, ScoringItem
from ledger.receiving import UNDONE_WITHIN

SHOWN = 50
SETTLED_SHOWN = 10


def filed_cards(
    village: Village,
    waiting,
    choices: list[tuple],
    accepting: Mapping[int, AcceptFiledForm],
    declining: Mapping[int, RejectForm],
) -> list[tuple[Declaration, AcceptFiledForm, RejectForm]]:
    """Return what waits with its two ways out, the oldest first.

    `choices` are the items of every card, asked for once.
    """
    cards = []
    filed = waiting.select_related("household__group").order_by("filed_at", "pk")
    for declaration in filed[:SHOWN]:
        accept = accepting.get(declaration.pk) or AcceptFiledForm(
            village=village,
            declaration=declaration,
            items=ScoringItem.objects.none(),
        )
        item = cast(forms.ModelChoiceField, accept.fields["item"])
        item.choices = [("", _("Choose the item")), *choices]
        decline = declining.get(declaration.pk) or decline_form(declaration)
        cards.append((declaration, accept, decline))
    return cards


def decline_form(declaration: Declaration, *sent) -> RejectForm:
    return RejectForm(*sent, deed=declaration, auto_id=f"id_web{declaration.pk}_%s")


def settled_by(user: User, village: Village, *, at) -> list[Declaration]:
    """Return what a person accepted or declined and can still undo, newest first."""
    accepted = Q(
        state=Declaration.State.ACCEPTED,
        deed__state=Deed.State.PENDING,
        deed__recorded_by=user,
    )
    declined = Q(
        state=Declaration.State.DECLINED,
        decided_by=user,
        decided_at__gte=at - UNDONE_WITHIN,
    )
    settled = Declaration.objects.filter(accepted | declined, village=village)
    settled = settled.select_related("household", "deed__item", "deed__operation")
    return list(settled.order_by("-decided_at", "-pk")[:SETTLED_SHOWN])
