"""物品和价格: what the village offers, and for how many points."""

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Village
from ledger.forms import KeyedForm
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from rewards.desk.access import page, staff_object, staff_page
from rewards.desk.fields import WholeField, YuanField
from rewards.desk.stock import address
from rewards.goods import add_reward, change_reward, next_position
from rewards.models import Price, Reward


class RewardForm(KeyedForm, forms.ModelForm):
    """One kind of goods and its price."""

    points = WholeField(
        label=gettext_lazy("Price in points"),
        help_text=gettext_lazy("What a household pays for one."),
        min_value=1,
        max_value=10_000,
    )
    fen = YuanField(
        label=gettext_lazy("Cost in yuan"),
        help_text=gettext_lazy("What the fund pays for one, like 2.50."),
    )

    class Meta:
        model = Reward
        fields = [
            "name",
            "unit",
            "picture",
            "points",
            "fen",
            "low_stock_mark",
            "position",
            "is_active",
        ]
        field_classes = {"low_stock_mark": WholeField, "position": WholeField}
        widgets = {
            "low_stock_mark": WholeField.widget,
            "position": WholeField.widget,
        }

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, village=instance.village, **kwargs)
        price = instance.prices.order_by("-version").first() if instance.pk else None
        if price:
            self.initial |= {"points": price.points, "fen": price.fen}


@staff_page("rewards.keep_rewards")
@require_safe
def goods(request, village):
    """List the goods of a village with their prices."""
    newest_first = Prefetch("prices", Price.objects.order_by("-version"))
    rewards = (
        Reward.objects.filter(village=village)
        .with_on_hand()
        .prefetch_related(newest_first)
        .order_by("-is_active", "position", "pk")
    )
    return page(
        request,
        "goods.html",
        village,
        _("Goods and prices"),
        goods=rewards,
        smallest=village.policy.smallest_redemption,
        villages=Village.objects.where_allowed(request.user, "rewards.keep_rewards"),
    )


@staff_page("rewards.keep_rewards")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request, village):
    """Put new goods on the list."""
    reward = Reward(village=village, position=next_position(village))
    form = RewardForm(request.POST or None, instance=reward)
    if form.is_valid() and _save(
        request, form, add_reward, key=form.cleaned_data["key"]
    ):
        return redirect(address("goods", village))
    return _page(request, village, _("New goods"), form)


@staff_object(Reward.objects.all, "rewards.keep_rewards")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, reward):
    """Change goods or their price, and show what they cost before."""
    name = reward.name
    form = RewardForm(request.POST or None, instance=reward)
    if form.is_valid() and _save(request, form, change_reward):
        return redirect(address("goods", reward.village))
    prices = reward.prices.select_related("set_by").order_by("-version")
    return _page(request, reward.village, name, form, reward=reward, prices=prices)


def _page(request, village, title, form, **context):
    back = address("goods", village)
    template = "goods_change.html"
    return page(request, template, village, title, form=form, back=back, **context)


def _save(request, form, operation, **key) -> bool:
    data = form.cleaned_data
    price = {"points": data["points"], "fen": data["fen"]}
    try:
        reward = operation(
            form.instance, **price, **key, by=request.user, at=timezone.now()
        )
    except Refused as refused:
        if isinstance(refused, KeyUsedForSomethingElse):
            form.renew_key()
        form.add_error(None, str(refused))
        return False
    messages.success(
        request,
        _("%(goods)s: %(points)s points each. Saved.")
        % {"goods": reward.name, "points": data["points"]},
    )
    return True
