"""我已整改，申请修复: a household says in its passbook what it has put right."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from households.models import Household
from households.typed_numbers import whole_number
from ledger.models import Deed, Entry, Repair
from ledger.public.form_desk import FormDesk, receipt_pages
from ledger.public.form_tokens import FormToken, read_token
from ledger.public.passbook_pages import answer_own, ask_for_card, household_of
from ledger.public.resident_forms import (
    Place,
    ResidentForm,
    household_of_form,
    too_long,
)
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


repair_asked, own_repair_asked = receipt_pages(KIND)


class _Desk(FormDesk):
    """One request on its way."""

    kind, files = KIND, Repair

    def __init__(self, request, household, entry, token):
        self.entry = entry
        super().__init__(request, Place.of(KIND, household), token)

    def file(self, data, at):
        asked = ask_repair(
            self.entry,
            text=data["text"],
            channel=Deed.Channel.WEB,
            key=self.token.key,
            by=None,
            at=at,
        )
        return asked.number, asked.asked_at == at

    def show(self, form, *, status=200):
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

    def form(self, *sent):
        return RepairForm(*sent)

    def new_token(self):
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
