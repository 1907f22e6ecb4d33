"""盘点: all goods of the shelf on one page, saved all or nothing."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ledger.forms import KeyedForm
from ledger.operations import KeyUsedForSomethingElse
from rewards.counting import (
    REASON_LENGTH,
    Counted,
    CountRefused,
    count_shelf,
    problems_of,
)
from rewards.desk.access import page, staff_page
from rewards.desk.fields import WholeField
from rewards.desk.stock import address, to_count


class CountForm(KeyedForm):
    """What was counted of each kind of goods; an empty line was not counted."""

    def __init__(self, *args, goods, **kwargs):
        super().__init__(*args, **kwargs)
        self.goods = goods
        for reward in goods:
            self.fields[f"counted-{reward.pk}"] = WholeField(
                required=False,
                error_messages={
                    "invalid": _("%(goods)s: write the count in digits.")
                    % {"goods": reward.name}
                },
            )
            self.fields[f"reason-{reward.pk}"] = forms.CharField(
                max_length=REASON_LENGTH,
                required=False,
                error_messages={
                    "max_length": _(
                        "%(goods)s: the reason is longer than %(length)s characters."
                    )
                    % {"goods": reward.name, "length": REASON_LENGTH}
                },
            )
            self.fields[f"expected-{reward.pk}"] = forms.IntegerField(
                widget=forms.HiddenInput, required=False
            )
            self.initial[f"expected-{reward.pk}"] = reward.on_hand

    def clean(self):
        """Say all that is wrong at once, also what the operation would refuse.

        Where every line can be read the operation alone judges: it knows a form
        that comes a second time. A reason beside an empty count means that the
        count was forgotten.
        """
        data = super().clean()
        for reward in self.goods:
            counted = f"counted-{reward.pk}"
            is_empty = counted in data and data[counted] is None
            if is_empty and data.get(f"reason-{reward.pk}"):
                self.add_error(
                    counted,
                    _("%(goods)s: write how many you counted.")
                    % {"goods": reward.name},
                )
        if self.errors:
            self.refuse(problems_of(self.of_village, self.counts))
        return data

    @property
    def lines(self):
        """Yield each kind of goods with its fields, and the problem it has."""
        for reward in self.goods:
            counted, reason = self[f"counted-{reward.pk}"], self[f"reason-{reward.pk}"]
            yield {
                "reward": reward,
                "counted": counted,
                "reason": reason,
                "expected": self[f"expected-{reward.pk}"],
                "errors": [*counted.errors, *reason.errors],
            }

    @property
    def counts(self) -> list[Counted]:
        """Return the lines that can be read; those left empty are not among them."""
        data = self.cleaned_data
        return [
            Counted(
                reward,
                data.get(f"expected-{reward.pk}") or 0,
                data[f"counted-{reward.pk}"],
                data[f"reason-{reward.pk}"],
            )
            for reward in self.goods
            if data.get(f"counted-{reward.pk}") is not None
            and f"reason-{reward.pk}" in data
        ]

    def refuse(self, sentences: dict[int, str]) -> None:
        """Put each sentence at its line, and show what is in the book now."""
        for pk, sentence in sentences.items():
            self.add_error(f"counted-{pk}" if pk else None, sentence)
        on_hand = {reward.pk: str(reward.on_hand) for reward in self.goods}
        self.change(**{f"expected-{pk}": now for pk, now in on_hand.items()})


@staff_page("rewards.keep_stock")
@require_http_methods(["GET", "HEAD", "POST"])
def count(request, village):
    """Count the whole shelf on one page."""
    goods = to_count(village)
    form = CountForm(request.POST or None, village=village, goods=goods)
    if form.is_valid() and _count(request, village, form):
        return redirect(address("stock", village))
    return page(
        request,
        "count.html",
        village,
        _("Count the shelf"),
        form=form,
        back=address("stock", village),
    )


def _count(request, village, form) -> bool:
    counts = form.counts
    try:
        adjustments = count_shelf(
            village,
            counts,
            key=form.cleaned_data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except CountRefused as refused:
        form.refuse(refused.sentences)
        return False
    except KeyUsedForSomethingElse as refused:
        form.renew_key()
        form.add_error(None, str(refused))
        return False
    messages.success(
        request,
        _("Counted %(counted)s kinds of goods; %(differ)s differ.")
        % {"counted": len(counts), "differ": len(adjustments)},
    )
    return True
