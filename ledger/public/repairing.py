"""我已整改，申请修复: a household says in its passbook what it has put right."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Household
from households.typed_numbers import whole_number
from ledger.models import Deed, Entry, Repair
from ledger.operations import FiledAlready
from ledger.public.form_tokens import FormToken, read_token
from ledger.public.noticeboard import Noticeboard
from ledger.public.passbook_pages import answer_own, ask_for_card, household_of
from ledger.public.resident_forms import (
    Place,
    ResidentForm,
    household_of_form,
    is_too_fast,
    too_fast,
    too_long,
    too_many_from_here,
    too_old,
)
from ledger.public.tries import DAILY, note_try
from ledger.refusals import Refused
from ledger.repairs.repairing import ask_repair
from ledger.repairs.terms import (
    how_to_repair,
    item_of,
    last_day_to_ask,
    why_not_repairable,
)

KIND = "repair"
LONGEST = 300


class RepairForm(ResidentForm):
    """What was put right, in the household's own words."""

    text = forms.CharField(
        label=gettext_lazy("What have you put right?"),
        help_text=gettext_lazy(
            "What, when, and where somebody can look at it. A sentence is enough."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_text(self):
        text = self.cleaned_data["text"].strip()
        if not text:
            raise ValidationError(_("Say what was put right, and when."))
        if len(text) > LONGEST:
            raise ValidationError(too_long(text, LONGEST))
        return text


# As with objections: the cookie opens the form, what is sent rests on the form's
# own token, which no other site can read, and which outlives the half hour.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def own_repair(request):
    """Let a household ask for what it lost, from the line in its passbook."""
    household = household_of(request)
    if request.method != "POST":
        if household is None:
            return ask_for_card(request)
        entry = _line(household, number=request.GET.get("line", ""))
        if entry is None:
            return _to_passbook()
        return _Desk(request, household, entry, None).empty()
    token, is_good = read_token(KIND, request.POST.get("token", ""))
    if token and is_good:
        household = household_of_form(token) or household
    if household is None:
        # The card has to be scanned again; what was typed can be copied.
        typed = request.POST.get("text", "")[: 2 * LONGEST]
        return answer_own(request, "ledger/passbook_closed.html", {"typed": typed})
    entry = _line(household, pk=token.entry) if token else None
    if entry is None:
        return _to_passbook()
    return _Desk(request, household, entry, token).answer(is_good=is_good)


@require_safe
def repair_asked(request, slug, receipt):
    """Show a receipt; it is drawn from its address alone."""
    return Place(KIND, Noticeboard.of(slug).village).show_receipt(request, receipt)


@require_safe
def own_repair_asked(request, receipt):
    """Show a receipt beside the passbook it came from."""
    household = household_of(request)
    if household is None:
        return ask_for_card(request)
    return Place.of(KIND, household).show_receipt(request, receipt)


class _Desk:
    """One request on its way: asked and filed."""

    def __init__(self, request, household, entry, token):
        self.request = request
        self.place = Place.of(KIND, household)
        self.entry = entry
        self.token = token or self._new_token()

    def empty(self):
        return self._show(RepairForm())

    def answer(self, *, is_good):
        """Answer what was sent: with the question or the receipt."""
        form = RepairForm(self.request.POST)
        if is_too_fast(self.request):
            form.without_errors().add_error(None, too_fast())
            return self._show(form, status=429)
        if not is_good:
            self.token = self._new_token()
            form.without_errors().add_error(None, too_old())
            return self._show(form)
        if form.is_trapped or self.request.POST.get("step") == "look":
            return self._show(form.without_errors())
        if not form.is_valid():
            return self._show(form)
        return self._file(form)

    def _file(self, form):
        at = timezone.now()
        stopped = too_many_from_here(self.request, KIND)
        if stopped and not self._is_filed():
            form.add_error(None, stopped)
            return self._show(form)
        try:
            asked = ask_repair(
                self.entry,
                text=form.cleaned_data["text"],
                channel=Deed.Channel.WEB,
                key=self.token.key,
                by=None,
                at=at,
            )
        except Refused as refused:
            if isinstance(refused, FiledAlready):
                self.token = self._new_token()
            form.add_error(None, str(refused))
            return self._show(form)
        if asked.asked_at == at:
            note_try(self.request, DAILY + KIND)
        return self.place.give_receipt(self.request, asked.number)

    def _is_filed(self):
        of_village = Repair.objects.filter(village=self.place.village)
        return of_village.filter(key=self.token.key).exists()

    def _show(self, form, *, status=200):
        entry, today = self.entry, timezone.localdate()
        item = item_of(entry)
        context = {
            "form": form,
            "token": self.token,
            "entry": entry,
            "item": item,
            "how": how_to_repair(item),
            "until": last_day_to_ask(entry),
            "look": "look",
            "enter": "file",
            # A form that was sent says itself why it was refused.
            "why_not": (
                "" if form.is_bound else why_not_repairable(entry, today=today)
            ),
        }
        return self.place.answer(
            self.request, "ledger/repair.html", context, status=status
        )

    def _new_token(self):
        household = self.place.household
        return FormToken(KIND, self.place.village.pk, household.pk, None, self.entry.pk)


def _line(household: Household, *, number: str = "", pk: int | None = None):
    """Return a published deduction of a household, by its number or its id."""
    lost = Entry.objects.filter(
        village=household.village_id,
        household=household,
        kind=Entry.Kind.DEDUCTION,
        period__published_at__isnull=False,
    ).select_related("household", "period", "village__policy", "deed__item")
    if pk is not None:
        return lost.filter(pk=pk).first()
    return lost.filter(number=whole_number(number) or 0).first()


def _to_passbook():
    response = HttpResponseRedirect(reverse("ledger:passbook"), status=303)
    response.headers["Cache-Control"] = "private, no-store"
    return response
