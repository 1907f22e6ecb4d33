"""资金收支: the cash book of the exchange fund, month by month."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from households.downloads import hand_out_photo
from households.models import Village
from households.staff_pages import require
from ledger.evidence import PHOTO_BYTES
from ledger.forms import DayInput, KeyedForm
from ledger.months import first_day
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from rewards.desk.access import page, staff_object, staff_page
from rewards.desk.budget import budget_of
from rewards.desk.fields import ScanField, YuanField
from rewards.desk.stock import address
from rewards.fund import correct_fund_movement, record_fund_movement
from rewards.fund_book import fund_month, months_of_fund
from rewards.models import FundMovement

KINDS = [choice for choice in FundMovement.Kind.choices if choice[0] != "correction"]


class MoneyForm(KeyedForm):
    """Money that came into the fund or was paid out of it."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=KINDS, widget=forms.RadioSelect
    )
    fen = YuanField(label=gettext_lazy("Amount in yuan"))
    happened_on = forms.DateField(label=gettext_lazy("Day"), widget=DayInput)
    party = forms.CharField(
        label=gettext_lazy("From or to whom"),
        help_text=gettext_lazy("Who gave the money, or the shop it was paid to."),
        max_length=40,
    )
    is_anonymous = forms.BooleanField(
        label=gettext_lazy("The donor wants no name in public"), required=False
    )
    voucher = forms.CharField(label=gettext_lazy("Voucher number"), max_length=40)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=100, required=False)
    scan = ScanField(
        label=gettext_lazy("Photo of the voucher"),
        help_text=gettext_lazy("%(limit)s MB at most. Staff of the village see it.")
        % {"limit": PHOTO_BYTES // 1024 // 1024},
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("happened_on", timezone.localdate())


class TakeBackForm(KeyedForm):
    """Why a line is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("What is wrong with it"),
        help_text=gettext_lazy("Whoever checks the book reads this beside the line."),
        max_length=100,
    )


@staff_page("rewards.view_fundmovement")
@require_http_methods(["GET", "HEAD", "POST"])
def fund(request, village):
    """Show the cash book of one month, and record a line of it."""
    may_keep = request.user.has_perm("rewards.keep_fund", village)
    form = MoneyForm(request.POST or None, request.FILES or None, village=village)
    if request.method == "POST":
        require(request, "rewards.keep_fund", village)
        if form.is_valid() and _record(request, village, form):
            return redirect(_month_address(village, form.cleaned_data["happened_on"]))
    months = months_of_fund(village)
    newest = months[0] if months else first_day(timezone.localdate())
    asked = request.GET.get("month")
    shown = next((month for month in months if f"{month:%Y-%m}" == asked), newest)
    return page(
        request,
        "fund.html",
        village,
        _("Fund"),
        form=form if may_keep else None,
        book=fund_month(village, shown),
        book_months=months,
        budget=budget_of(village, at=timezone.now()),
        villages=Village.objects.where_allowed(
            request.user, "rewards.view_fundmovement"
        ),
    )


@staff_object(FundMovement.objects.all, "rewards.keep_fund")
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request, movement):
    """Take one wrong line back, after a look at it and with a reason."""
    village = movement.village
    back = _month_address(village, movement.happened_on)
    form = TakeBackForm(request.POST or None, village=village)
    if form.is_valid() and _take_back(request, movement, form):
        return redirect(back)
    return page(
        request,
        "fund_take_back.html",
        village,
        _("Take a line back"),
        form=form,
        movement=movement,
        back=back,
    )


@staff_object(FundMovement.objects.all, "rewards.view_fundmovement", cacheable=True)
@require_safe
def scan(request, movement):
    """Hand out the photo of a voucher."""
    if not movement.scan:
        raise Http404
    return hand_out_photo(movement.scan)


def _record(request, village, form) -> bool:
    data = {name: form.cleaned_data[name] for name in form.fields if name != "village"}
    try:
        movement = record_fund_movement(
            village, **data, by=request.user, at=timezone.now()
        )
    except Refused as refused:
        if isinstance(refused, KeyUsedForSomethingElse):
            form.renew_key()
        form.add_error(None, str(refused))
        return False
    messages.success(
        request, _("Written down as number %(number)s.") % {"number": movement.number}
    )
    return True


def _take_back(request, movement, form) -> bool:
    try:
        correct_fund_movement(
            movement,
            reason=form.cleaned_data["reason"],
            key=form.cleaned_data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(
        request,
        _("Number %(number)s is taken back. Now write the right one down.")
        % {"number": movement.number},
    )
    return True


def _month_address(village, day) -> str:
    return f"{address('fund', village)}&month={day:%Y-%m}"
