"""A resident's form on its way: opened, sent, filed, and its receipt."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ledger.operations import FiledAlready
from ledger.public.form_tokens import FormToken
from ledger.public.noticeboard import Noticeboard
from ledger.public.passbook_pages import ask_for_card, household_of
from ledger.public.resident_forms import (
    Place,
    ResidentForm,
    is_too_fast,
    too_fast,
    too_many_from_here,
    too_old,
)
from ledger.public.tries import DAILY, note_try
from ledger.refusals import Refused


class FormDesk(ABC):
    """One form on its way; each kind says what it asks and how it is filed.

    `files` is the table of what is filed, which keeps the form's key.
    """

    kind: str
    files: type[Model]

    def __init__(self, request: HttpRequest, place: Place, token: FormToken | None):
        self.request = request
        self.place = place
        self.is_ours = token is not None
        self.token = token or self.new_token()

    @abstractmethod
    def form(self, *sent) -> ResidentForm:
        """Return the form, with what was sent in it."""

    @abstractmethod
    def show(self, form: ResidentForm, *, status: int = 200) -> HttpResponse:
        """Answer with the form, and with what is wrong in it."""

    @abstractmethod
    def file(self, data: dict, at: datetime) -> tuple[str, bool]:
        """File what was asked; return its number, and whether it is new.

        :raises Refused: with a sentence for the form
        """

    def new_token(self) -> FormToken:
        own = self.place.household
        return FormToken(self.kind, self.place.village.pk, own.pk if own else None)

    def renew(self) -> None:
        """Open the form anew with everything in it."""
        self.token = self.new_token()

    def show_filed_already(self, form: ResidentForm, problem: str) -> HttpResponse:
        form.add_error(None, problem)
        return self.show(form)

    def empty(self) -> HttpResponse:
        return self.show(self.form())

    def answer(self, *, is_good: bool) -> HttpResponse:
        """Answer what was sent: with the questions or the receipt."""
        form = self.form(self.request.POST)
        if is_too_fast(self.request):
            form.without_errors().add_error(None, too_fast())
            return self.show(form, status=429)
        if not (is_good and self.is_ours):
            self.renew()
            form.without_errors().add_error(None, too_old())
            return self.show(form)
        # In larger letters the form comes back with what was typed.
        if form.is_trapped or self.request.POST.get("step") == "look":
            return self.show(form.without_errors())
        if not form.is_valid():
            return self.show(form)
        return self.enter(form)

    def enter(self, form: ResidentForm) -> HttpResponse:
        """File a form without errors, and send on to its receipt."""
        stopped = too_many_from_here(self.request, self.kind)
        if stopped and not self._is_filed():
            form.add_error(None, stopped)
            return self.show(form)
        try:
            number, is_new = self.file(form.cleaned_data, timezone.now())
        except FiledAlready as refused:
            self.renew()
            return self.show_filed_already(form, str(refused))
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.show(form)
        if is_new:
            note_try(self.request, DAILY + self.kind)
        return self.place.give_receipt(self.request, number)

    def _is_filed(self) -> bool:
        filed = self.files._default_manager.filter(village=self.place.village)
        return filed.filter(key=self.token.key).exists()


def receipt_pages(kind: str) -> tuple[Callable, Callable]:
    """Return the pages of a kind's receipts: the village's, and the passbook's.

    A receipt is drawn from its address alone.
    """

    @require_safe
    def public_receipt(request, slug, receipt):
        place = Place(kind, Noticeboard.of(slug).village)
        return place.show_receipt(request, receipt)

    @require_safe
    def own_receipt(request, receipt):
        household = household_of(request)
        if household is None:
            return ask_for_card(request)
        return Place.of(kind, household).show_receipt(request, receipt)

    return public_receipt, own_receipt
