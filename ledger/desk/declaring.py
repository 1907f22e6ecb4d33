"""受理申报: take a declaration down, accept it with item and points, or decline it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households.models import Household, Village
from households.typed_households import TypedHouseholds
from ledger.declaring import accept_declaration, declare_deed, decline_declaration
from ledger.desk.access import page, staff_page
from ledger.forms import DayInput, KeyedForm, RejectForm
from ledger.models import Deed, ScoringItem
from ledger.operations import KeyUsedForSomethingElse
from ledger.recording import DuplicateDeed
from ledger.refusals import Refused

DECLARATIONS_SHOWN = 50
# A cadre's own record is no declaration, and the page of residents comes later.
CHANNELS = [
    choice
    for choice in Deed.Channel.choices
    if choice[0] not in (Deed.Channel.RECORD, Deed.Channel.WEB)
]


class ItemForm(KeyedForm):
    """A form that names one of the good deeds of the rulebook in force."""

    item = forms.ModelChoiceField(
        ScoringItem.objects.none(), label=gettext_lazy("Which item"), empty_label=None
    )

    def __init__(self, *args, village, items=None, **kwargs):
        super().__init__(*args, village=village, **kwargs)
        self.fields["item"].queryset = items_of(village) if items is None else items


class DeclareForm(ItemForm):
    """What somebody told a clerk."""

    household = forms.CharField(
        label=gettext_lazy("Whose good deed"),
        help_text=gettext_lazy("The full name or the number of one household."),
    )
    note = forms.CharField(label=gettext_lazy("What was done"), max_length=200)
    day = forms.DateField(label=gettext_lazy("Which day"), widget=DayInput)
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=CHANNELS, widget=forms.RadioSelect
    )

    field_order = ["village", "key", "household", "note", "item", "day", "channel"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("day", timezone.localdate())
        self.initial.setdefault("channel", Deed.Channel.ORAL)

    def clean_household(self):
        typed = TypedHouseholds(
            self.cleaned_data["household"],
            Household.objects.filter(village=self.of_village),
        )
        if typed.problems:
            raise ValidationError(typed.problems)
        if len(typed.found) != 1:
            raise ValidationError(_("Name one household."))
        return next(iter(typed.found.values()))


class AcceptForm(ItemForm):
    """What a declared deed is, and what it gives."""

    points = forms.IntegerField(
        label=gettext_lazy("Points"), min_value=1, required=False
    )
    again = forms.BooleanField(
        label=gettext_lazy("It is another deed; accept it as well"), required=False
    )

    def __init__(self, *args, deed, **kwargs):
        super().__init__(*args, auto_id=f"id_{deed.pk}_%s", **kwargs)
        self.initial["item"] = deed.item_id
        self.fields["points"].widget.attrs["placeholder"] = deed.item.points_min
        self.is_doubled = False

    def clean(self):
        """Take the item's one value, or its fewest points when none are typed."""
        data = super().clean()
        item = data.get("item")
        if item and (not data.get("points") or item.points_min == item.points_max):
            data["points"] = item.points_min
        return data


@staff_page("ledger.record_deed")
@require_safe
def declarations(request, village):
    """List what waits, the oldest first, each with its two ways out."""
    return _list(request, village)


@staff_page("ledger.record_deed")
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request, village):
    """Take down what somebody declared by word, phone, SMS, QQ or WeChat."""
    form = DeclareForm(request.POST or None, village=village)
    if form.is_valid() and _declare(request, form):
        return redirect(_address(village))
    return page(
        request,
        "declaration_new.html",
        village,
        _("Write down a declaration"),
        form=form,
        back=_address(village),
    )


@staff_page("ledger.record_deed")
@require_POST
def accept(request, village, pk):
    """Make a declared deed pending."""
    deed = _deed(village, pk)
    form = AcceptForm(request.POST, village=village, deed=deed)
    if form.is_valid() and _accept(request, deed, form):
        return redirect(_address(village))
    return _list(request, village, accepting={deed.pk: form})


@staff_page("ledger.record_deed")
@require_POST
def decline(request, village, pk):
    """Decline a declared deed with a reason."""
    deed = _deed(village, pk)
    form = RejectForm(request.POST, deed=deed, auto_id=f"id_{deed.pk}_%s")
    if form.is_valid():
        try:
            decline_declaration(
                deed,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _("%(household)s: not accepted.") % {"household": deed.household},
            )
            return redirect(_address(village))
    return _list(request, village, declining={deed.pk: form})


def items_of(village):
    """Return the good deeds of the rulebook in force today."""
    in_force = village.rulebooks.in_force(timezone.localdate())
    return ScoringItem.objects.filter(rulebook__in=in_force).additions()


def points_of(item: ScoringItem) -> str:
    """Write what an item gives: +3, +3–5."""
    if item.points_min == item.points_max:
        return f"+{item.points_min}"
    return f"+{item.points_min}–{item.points_max}"


def _list(request, village, *, accepting=None, declining=None):
    waiting = (
        Deed.objects.filter(village=village)
        .declared()
        .select_related("household__group", "item", "recorded_by", "period")
        .order_by("recorded_at", "pk")
    )
    items = list(items_of(village).order_by("position"))
    choices = [(item.pk, f"{item} {points_of(item)}") for item in items]
    cards = []
    for deed in waiting[:DECLARATIONS_SHOWN]:
        to_accept = (accepting or {}).get(deed.pk) or AcceptForm(
            village=village, deed=deed, items=ScoringItem.objects.none()
        )
        # One list of items for every card, instead of a question for each.
        to_accept.fields["item"].choices = choices
        to_decline = (declining or {}).get(deed.pk) or RejectForm(
            deed=deed, auto_id=f"id_{deed.pk}_%s"
        )
        cards.append((deed, to_accept, to_decline))
    return page(
        request,
        "declarations.html",
        village,
        _("Accept declarations"),
        cards=cards,
        waiting=waiting.count(),
        villages=Village.objects.where_allowed(request.user, "ledger.record_deed"),
    )


def _declare(request, form) -> Deed | None:
    data = form.cleaned_data
    try:
        deed = declare_deed(
            data["household"],
            data["item"],
            happened_on=data["day"],
            channel=data["channel"],
            note=data["note"],
            key=data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except KeyUsedForSomethingElse as refused:
        form.renew_key()
        form.add_error(None, str(refused))
        return None
    except Refused as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(
        request,
        _("Written down for %(household)s.") % {"household": deed.household},
    )
    return deed


def _accept(request, deed, form) -> Deed | None:
    data = form.cleaned_data
    try:
        accepted = accept_declaration(
            deed,
            data["item"],
            magnitude=data["points"],
            again=data["again"],
            key=data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except DuplicateDeed as refused:
        form.is_doubled = True
        form.renew_key()
        form.add_error(None, str(refused))
        return None
    except Refused as refused:
        form.renew_key()
        form.add_error(None, str(refused))
        return None
    messages.success(
        request,
        _("%(household)s: accepted, %(points)s points, waits for review.")
        % {"household": accepted.household, "points": accepted.points},
    )
    return accepted


def _deed(village, pk) -> Deed:
    return get_object_or_404(
        Deed.objects.filter(village=village).select_related("household", "item"), pk=pk
    )


def _address(village):
    return f"{reverse('ledger_desk:declarations')}?village={village.slug}"
