"""礼包发放: ticks for the households that were given their gift, and a list to sign."""

from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households.models import Village
from households.typed_numbers import whole_number
from ledger.forms import KeyedForm
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from rewards.desk.access import page, staff_object, staff_page
from rewards.gifts import hand_over_gifts, take_gift_back
from rewards.honor_roll import gift_of
from rewards.models import Award, AwardGift, AwardRound, GiftHandover, Reward

MAY_LIST, MAY_HAND_OVER = "rewards.list_gifts", "rewards.hand_over_gifts"


class TickForm(KeyedForm):
    """Who was given the gift now."""

    awards = forms.MultipleChoiceField(
        error_messages={
            "required": gettext_lazy("Tick the households that were given their gift.")
        },
    )

    def __init__(self, *args, awards, **kwargs):
        super().__init__(*args, **kwargs)
        self.listed = {str(award.pk): award for award in awards}
        self.fields["awards"].choices = [(pk, pk) for pk in self.listed]

    def clean_awards(self):
        return [self.listed[pk] for pk in self.cleaned_data["awards"]]

    @property
    def ticked(self) -> set[str]:
        """Return the ids ticked in what was sent, to show them ticked again."""
        sent = self.data
        return set(sent.getlist("awards")) if isinstance(sent, QueryDict) else set()


@staff_page(MAY_LIST)
@require_http_methods(["GET", "HEAD", "POST"])
def gifts(request, village):
    """Show who has the gift and who waits for it, and hand it over."""
    round = _round_asked(request, village)
    if round is None:
        return page(request, "gifts_none.html", village, _("Award gifts"))
    listed = Award.objects.filter(village=village, round=round)
    may_hand_over = request.user.has_perm(MAY_HAND_OVER, village)
    form = TickForm(
        request.POST if request.method == "POST" and may_hand_over else None,
        village=village,
        awards=listed,
    )
    if form.is_bound and form.is_valid() and _hand_over(request, round, form):
        return redirect(address(round))
    return page(
        request,
        "gifts.html",
        village,
        _("Award gifts"),
        form=form,
        may_hand_over=may_hand_over,
        villages=Village.objects.where_allowed(request.user, MAY_LIST),
        **_shown(round, listed, today=timezone.localdate()),
    )


@staff_page(MAY_LIST)
@require_safe
def sheet(request, village):
    """Show the list to print, on which each household signs for its gift."""
    round = _round_asked(request, village)
    if round is None:
        return redirect(f"{reverse('rewards_desk:gifts')}?village={village.slug}")
    listed = Award.objects.filter(village=village, round=round)
    return page(
        request,
        "gifts_sheet.html",
        village,
        _("List to sign"),
        round=round,
        gift=gift_of(round),
        lines=listed.select_related("household").in_order(),
        back=address(round),
    )


@staff_object(GiftHandover.objects.all, MAY_HAND_OVER)
@require_POST
def take_back(request, handover):
    """Undo a hand-over of today; the goods are on the shelf again."""
    form = KeyedForm(request.POST, village=handover.village)
    if form.is_valid():
        try:
            take_gift_back(
                handover,
                key=form.cleaned_data["key"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, _("Undone; the goods are on the shelf again."))
    return redirect(address(handover.award.round))


def address(round: AwardRound) -> str:
    query = {"village": round.village.slug, "year": round.year}
    return reverse("rewards_desk:gifts", query=query)


def _round_asked(request, village) -> AwardRound | None:
    """Return the confirmed round of the year asked for, or the newest one."""
    year = whole_number(request.POST.get("year") or request.GET.get("year"))
    rounds = AwardRound.objects.filter(village=village).confirmed().defer("document")
    if year:
        rounds = rounds.filter(year=year)
    round = rounds.order_by("-year").first()
    if round:
        round.village = village
    return round


def _hand_over(request, round, form) -> bool:
    awards = form.cleaned_data["awards"]
    try:
        hand_over_gifts(
            round,
            awards,
            key=form.cleaned_data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        if isinstance(refused, KeyUsedForSomethingElse):
            form.renew_key()
        form.add_error(None, str(refused))
        return False
    messages.success(
        request,
        _("%(count)s gifts are handed over and off the shelf.")
        % {"count": len(awards)},
    )
    return True


def _shown(round, listed, *, today) -> dict:
    lines = list(listed.with_gift().select_related("household").in_order())
    handovers = GiftHandover.objects.filter(village=round.village, award__round=round)
    standing = {
        handover.award_id: handover
        for handover in handovers.standing().select_related("handed_by")
    }
    waiting = [line for line in lines if line.handed_at is None]
    gifts = AwardGift.objects.filter(village=round.village, round=round)
    on_hand = {
        reward.pk: reward.on_hand
        for reward in Reward.objects.filter(village=round.village).with_on_hand()
    }
    given = [
        {
            "line": line,
            "handover": standing[line.pk],
            "key": uuid4(),
            "is_of_today": timezone.localdate(line.handed_at) == today,
        }
        for line in lines
        if line.handed_at
    ]
    return {
        "round": round,
        "gift": gift_of(round),
        "waiting": waiting,
        "given": given,
        "goods": [
            {
                "gift": gift,
                "needed": gift.quantity * len(waiting),
                "left": on_hand[gift.reward_id],
                "is_short": gift.quantity * len(waiting) > on_hand[gift.reward_id],
            }
            for gift in gifts.in_shelf_order()
        ],
    }
