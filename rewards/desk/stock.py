"""进货盘点: what is on the shelf, what came in, what was counted."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Village
from households.typed_numbers import whole_number
from ledger.forms import KeyedForm
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from rewards.desk.access import page, staff_page
from rewards.desk.fields import WholeField
from rewards.models import Reward, Shortage, StockMovement
from rewards.stock import MOST_UNITS, receive_stock

MOVEMENTS_SHOWN = 30


class ReceiptForm(KeyedForm):
    """Goods that came in, bought or donated."""

    reward = forms.ModelChoiceField(
        Reward.objects.none(), label=gettext_lazy("Goods"), empty_label="—"
    )
    quantity = WholeField(
        label=gettext_lazy("How many came in"), min_value=1, max_value=MOST_UNITS
    )
    voucher = forms.CharField(
        label=gettext_lazy("Voucher number"),
        help_text=gettext_lazy("The number on the invoice or receipt."),
        max_length=40,
        required=False,
    )
    donor = forms.CharField(
        label=gettext_lazy("Donated by"),
        help_text=gettext_lazy("Empty when the village bought it."),
        max_length=40,
        required=False,
    )
    is_anonymous = forms.BooleanField(
        label=gettext_lazy("The donor wants no name in public"), required=False
    )

    def __init__(self, *args, goods, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reward"].queryset = goods
        self.fields["reward"].label_from_instance = _with_unit


@staff_page("rewards.keep_stock")
@require_http_methods(["GET", "HEAD", "POST"])
def stock(request, village):
    """Show the shelf and its last movements, and take in what came."""
    goods = Reward.objects.filter(village=village).in_shelf_order()
    form = ReceiptForm(
        request.POST or None,
        village=village,
        goods=goods,
        initial={"reward": request.GET.get("goods")},
    )
    if form.is_valid() and _receive(request, form):
        return redirect(address("stock", village))
    chosen = goods.filter(pk=whole_number(request.GET.get("goods"))).first()
    return page(
        request,
        "stock.html",
        village,
        _("Stock"),
        form=form,
        shelf=_shelf(village),
        chosen=chosen,
        movements=_movements(village, chosen),
        shown=MOVEMENTS_SHOWN,
        villages=Village.objects.where_allowed(request.user, "rewards.keep_stock"),
    )


@staff_page("rewards.keep_stock")
@require_safe
def sheet(request, village):
    """Show a sheet to print, to count by hand with a pen."""
    return page(
        request,
        "count_sheet.html",
        village,
        _("Count sheet"),
        shelf=to_count(village),
        today=timezone.localdate(),
        back=address("stock-count", village),
    )


def to_count(village):
    """Return the goods to count: what is offered, and what still lies there."""
    rewards = Reward.objects.filter(village=village).with_on_hand().in_shelf_order()
    return [reward for reward in rewards if reward.is_active or reward.on_hand]


def address(name: str, village: Village) -> str:
    return f"{reverse(f'rewards_desk:{name}')}?village={village.slug}"


def _receive(request, form) -> bool:
    data = form.cleaned_data
    waiting = _waiting(form.of_village).filter(reward=data["reward"])
    numbers = list(waiting.values_list("household__number", flat=True))
    try:
        receive_stock(
            data["reward"],
            data["quantity"],
            voucher=data["voucher"],
            donor=data["donor"],
            is_anonymous=data["is_anonymous"],
            key=data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        if isinstance(refused, KeyUsedForSomethingElse):
            form.renew_key()
        form.add_error(None, str(refused))
        return False
    facts = {
        "goods": data["reward"].name,
        "count": data["quantity"],
        "unit": data["reward"].unit,
        "donor": data["donor"],
    }
    if data["donor"]:
        said = _("%(goods)s: %(count)s %(unit)s came in. Thanks to %(donor)s.")
    else:
        said = _("%(goods)s: %(count)s %(unit)s came in.")
    messages.success(request, said % facts)
    if numbers:
        messages.info(
            request,
            _("These households asked for it, tell them: %(households)s")
            % {"households": "、".join(numbers)},
        )
    return True


def _shelf(village):
    """Return the goods with what is left, each with the households that wait."""
    waiting: dict[int, list[Shortage]] = {}
    for shortage in _waiting(village).select_related("household"):
        waiting.setdefault(shortage.reward_id, []).append(shortage)
    rewards = Reward.objects.filter(village=village).with_on_hand().in_shelf_order()
    return [
        {
            "reward": reward,
            "is_low": reward.is_active and reward.on_hand <= reward.low_stock_mark,
            "waiting": waiting.get(reward.pk, []),
        }
        for reward in rewards
    ]


def _waiting(village):
    of_village = Shortage.objects.filter(village=village)
    return of_village.waiting().order_by("noted_at", "pk")


def _movements(village, chosen):
    """Return the last movements, of one kind of goods or of all."""
    movements = (
        StockMovement.objects.filter(village=village)
        .with_stock_after()
        .select_related("reward", "moved_by", "line__redemption")
        .order_by("-number")
    )
    if chosen:
        movements = movements.filter(reward=chosen)
    return movements[:MOVEMENTS_SHOWN]


def _with_unit(reward) -> str:
    return f"{reward.name} · {reward.unit}"
