"""What the forms of residents have in common: where they stand, and what stops them.

They work without a script and without a cookie. Nothing that was typed is lost
by a mistake: the page comes back with it.
"""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models import Household, Village
from ledger.public import pages
from ledger.public.finding import households_named, typed
from ledger.public.form_tokens import FormToken
from ledger.public.passbook_pages import answer_own, household_of
from ledger.public.receipts import number_on, receipt_of
from ledger.public.tries import DAILY, note_try, tries_of

# A village may share one address, in a meeting all at once: so many forms in a
# minute, and so many filed in a day, are hers; a machine sends more.
FORMS_A_MINUTE = 30
FILED_A_DAY = 100


@dataclass(frozen=True)
class Place:
    """Where a form stands: a village's public page, or a household's passbook."""

    kind: str
    village: Village
    household: Household | None = None

    @classmethod
    def of(cls, kind: str, household: Household) -> "Place":
        """Return the place in a household's passbook."""
        return cls(kind, household.village, household)

    @property
    def is_own(self) -> bool:
        return self.household is not None

    @property
    def address(self) -> str:
        if self.is_own:
            return reverse(f"ledger:own-{self.kind}")
        return reverse(f"ledger:{self.kind}", args=[self.village.slug])

    def answer(
        self, request: HttpRequest, template: str, context: dict, *, status: int = 200
    ) -> HttpResponse:
        """Answer with a page that no proxy keeps, and of the passbook nobody at all."""
        context = {
            "village": self.village,
            "policy": self.village.policy,
            "place": self,
            **context,
        }
        if self.is_own:
            return answer_own(request, template, context, status=status)
        response = pages.answer_once(request, template, context, status=status)
        if request.method != "POST":
            # So that a phone's own way back brings what was typed along.
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    def give_receipt(self, request: HttpRequest, number: str) -> HttpResponse:
        """Send on to the receipt, so that a reload files nothing.

        When the passbook has closed meanwhile, it is the village's receipt.
        """
        receipt = receipt_of(self.kind, self.village, number)
        address = reverse(f"ledger:{self.kind}-done", args=[self.village.slug, receipt])
        if self.is_own and household_of(request):
            address = reverse(f"ledger:own-{self.kind}-done", args=[receipt])
        response = HttpResponseRedirect(address, status=303)
        response.headers["Cache-Control"] = "no-store"
        return response

    def show_receipt(self, request: HttpRequest, receipt: str) -> HttpResponse:
        """Draw a receipt from its address alone.

        :raises Http404: for one that we never gave
        """
        number = number_on(self.kind, self.village, receipt)
        if number is None:
            raise Http404
        return self.answer(request, f"ledger/{self.kind}_done.html", {"number": number})


class ResidentForm(forms.Form):
    """A form of a public page: plain fields, a trap, errors that say what to do."""

    use_required_attribute = False

    # People do not see it and are told to leave it alone; machines fill it in.
    homepage = forms.CharField(
        label=gettext_lazy("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    @property
    def is_trapped(self) -> bool:
        return bool(self.data.get("homepage"))

    def change(self, **values: str) -> None:
        """Put other values into what was sent, to show the form once more."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name, value in values.items():
            data[name] = value
        self.data = data

    def without_errors(self) -> "ResidentForm":
        """Show what was sent, and nothing to complain about."""
        self.full_clean()
        self.errors.clear()
        return self


def household_of_form(token: FormToken) -> Household | None:
    """Return whose passbook a form was opened from."""
    if token.household is None:
        return None
    homes = Household.objects.select_related("group", "village__policy")
    return homes.filter(pk=token.household, village=token.village).first()


def one_household(village: Village, text: str, *, nothing_typed: str) -> Household:
    """Return the household that is named, exactly, so that nobody can leaf through.

    :raises ValidationError: saying how to name it
    """
    question = typed(text)
    if not question:
        raise ValidationError(nothing_typed)
    found = households_named(village, question)
    if not found:
        raise ValidationError(
            _("No such household; use the full name or the 3-digit number.")
        )
    if len(found) > 1:
        raise ValidationError(
            _("%(households)s households share this name; use the number.")
            % {"households": len(found)}
        )
    return found[0]


def too_long(text: str, most: int) -> str:
    return _("Too long: %(most)s characters at most, now there are %(typed)s.") % {
        "most": most,
        "typed": len(text),
    }


def is_too_fast(request: HttpRequest) -> bool:
    """Count one more form that was sent, and tell whether it is one too many."""
    if tries_of(request, "form") >= FORMS_A_MINUTE:
        return True
    note_try(request, "form")
    return False


def too_fast() -> str:
    return _("Too fast; wait a minute and try again.")


def too_old() -> str:
    return _("This was open for too long. What you wrote is still here; go on.")


def too_many_from_here(request: HttpRequest, kind: str) -> str:
    """Return why one address files no more of a kind today."""
    if tries_of(request, DAILY + kind) < FILED_A_DAY:
        return ""
    return _("Too many came from this network today. Come again tomorrow, or call.")
