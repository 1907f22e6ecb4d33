"""评优: one page for a year's awards, from the first look to the confirmed roll."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Village
from ledger.refusals import Refused
from rewards.annual.awards import Awards, awards_of
from rewards.annual.figures import reported_years
from rewards.annual.roll import vote_of
from rewards.award_rounds import (
    awards_again,
    awards_of_round,
    fallen_from,
    open_objections,
)
from rewards.awarding import draft_round, open_notice, withdraw_round, write_notes
from rewards.confirming import confirm_round
from rewards.desk.access import page, staff_page
from rewards.desk.award_forms import HangOutForm, ListForm, TakeBackForm, VoteForm
from rewards.gifts import decide_gift
from rewards.honor_roll import gift_of
from rewards.models import Award, AwardNote, AwardRound, Reward

MAY_LOOK = "rewards.view_awardround"
PREPARE, CONFIRM = "rewards.prepare_awards", "rewards.confirm_awards"
# What each button of the page asks for.
ACTS = {
    "draft": PREPARE,
    "save": PREPARE,
    "open": PREPARE,
    "withdraw": PREPARE,
    "confirm": CONFIRM,
}
NEXT_SHOWN = 5
State = AwardRound.State


@staff_page(MAY_LOOK)
@require_safe
def newest(request, village):
    """Go to the newest year that is over, else to the one that runs."""
    years = reported_years([village])
    if not years:
        return page(request, "awards_empty.html", village, _("Awards of the year"))
    over = village.periods.filter(month__month=12, finalized_at__isnull=False)
    month = over.order_by("-month").values_list("month", flat=True).first()
    return redirect(address(village, month.year if month else years[0]))


@staff_page(MAY_LOOK)
@require_http_methods(["GET", "HEAD", "POST"])
def awards(request, village, year):
    """Show a year's candidates and its list, and take the round one step on."""
    years = reported_years([village])
    if year not in years:
        raise Http404
    desk = _Desk(request, village, year)
    if request.method == "POST" and desk.act():
        return redirect(address(village, year))
    return page(
        request,
        "awards.html",
        village,
        _("Awards of the year"),
        year=year,
        years=years,
        villages=Village.objects.where_allowed(request.user, MAY_LOOK),
        **desk.shown(),
    )


def address(village: Village, year: int) -> str:
    return f"{reverse('rewards_desk:award-round', args=[year])}?village={village.slug}"


class _Desk:
    """One look at a year's awards; a form that was refused comes back as typed."""

    def __init__(self, request, village: Village, year: int):
        self.request, self.village, self.year = request, village, year
        self.now = timezone.now()
        rounds = AwardRound.objects.filter(village=village, year=year)
        self.rounds = rounds.select_related(
            "drafted_by", "opened_by", "confirmed_by", "withdrawn_by"
        ).defer("document")
        self.round = self.rounds.standing().first()
        if self.round:
            self.round.village = village
        self.may_prepare = request.user.has_perm(PREPARE, village)
        self.may_confirm = request.user.has_perm(CONFIRM, village)
        self.asked = request.POST.get("act", "")
        self.refused = ""

    # What a button asks for

    def act(self) -> bool:
        """Do what was asked; tell whether it is done.

        :raises Http404: for a button that the person does not have
        """
        if not self.request.user.has_perm(ACTS.get(self.asked, "-"), self.village):
            raise Http404
        try:
            return getattr(self, f"_{self.asked}")()
        except Refused as refused:
            self.refused = str(refused)
            return False

    def _draft(self) -> bool:
        key = _key(self.request.POST.get("key")) or uuid4()
        draft_round(self.village, self.year, key=key, **self._by())
        return self._done(_("The list is being prepared; nobody outside sees it."))

    def _save(self) -> bool:
        form = self._list_form()
        if form is None or not form.is_valid():
            return self._gone_on(form)
        with transaction.atomic():
            if form.households:
                write_notes(self.round, form.notes, **self._by())
            decide_gift(self.round, form.gift, **self._by())
        return self._done(_("Saved."))

    def _open(self) -> bool:
        form = self._form(HangOutForm, State.DRAFTED)
        if form is None or not form.is_valid():
            return self._gone_on(form)
        open_notice(self.round, **self._by())
        return self._done(_("The list is on notice; everybody can read it."))

    def _confirm(self) -> bool:
        form = self._form(VoteForm, State.ON_NOTICE, request=self.request)
        if form is None or not form.is_valid():
            return self._gone_on(form)
        confirm_round(self.round, form.vote, **self._by())
        return self._done(_("The honor roll is confirmed and hangs on the board."))

    def _withdraw(self) -> bool:
        form = self._form(TakeBackForm, State.DRAFTED, State.ON_NOTICE)
        if form is None or not form.is_valid():
            return self._gone_on(form)
        withdraw_round(self.round, reason=form.cleaned_data["reason"], **self._by())
        return self._done(_("The list is withdrawn; a new one can be prepared."))

    def _done(self, said: str) -> bool:
        messages.success(self.request, said)
        return True

    def _gone_on(self, form) -> bool:
        """Say so where the round has gone on since the page was opened."""
        if form is None:
            self.refused = _("The round has gone on meanwhile; look at it again.")
        return False

    def _by(self) -> dict:
        return {"by": self.request.user, "at": self.now}

    # What the page shows

    def shown(self) -> dict:
        """Return all that the page shows of the year."""
        state = self.round.state if self.round else ""
        common = {
            "round": self.round,
            "state": state,
            "refused": self.refused,
            "key": uuid4(),
            "may_prepare": self.may_prepare,
            "may_confirm": self.may_confirm,
            "withdrawn": list(
                self.rounds.filter(withdrawn_at__isnull=False).order_by("-number")
            ),
        }
        if not state or state == State.DRAFTED:
            return common | self._being_prepared()
        return common | self._on_paper()

    def _being_prepared(self) -> dict:
        """Return the candidates, those of the list with the boxes beside them."""
        reading = (
            awards_of_round(self.round)
            if self.round
            else awards_of(self.village, self.year)
        )
        form = self._list_form(reading)
        lowest = min((each.line.score for each in reading.chosen), default=0)
        others = [each for each in reading.candidates if not each.is_chosen]
        return {
            "awards": reading,
            "chosen": [
                (each, form.fields_of(each.line.household) if form else None)
                for each in reading.chosen
            ],
            "struck": self._struck(form),
            "kept_out": [
                each
                for each in others
                if not each.is_eligible and each.line.score >= lowest
            ],
            "next_in_line": [each for each in others if each.is_eligible][:NEXT_SHOWN],
            "list_form": form,
            "open_form": self._form(HangOutForm, State.DRAFTED),
            "withdraw_form": self._form(TakeBackForm, State.DRAFTED),
        }

    def _on_paper(self) -> dict:
        """Return the list as it hangs, and what still stands before the roll."""
        round = self.round
        listed = Award.objects.filter(village=self.village, round=round)
        lines = list(listed.with_gift().select_related("household").in_order())
        shown = {
            "lines": lines,
            "gift": gift_of(round),
            "given": sum(line.handed_at is not None for line in lines),
            "is_notice_over": round.is_notice_over(self.now),
        }
        if round.confirmed_at:
            return shown | {"vote": vote_of(round)}
        return shown | {
            "objections": open_objections(round),
            "fallen": fallen_from(round, awards_again(round)),
            "is_mine": round.opened_by_id == self.request.user.pk,
            "list_form": self._list_form(),
            "vote_form": self._form(VoteForm, State.ON_NOTICE, request=self.request),
            "withdraw_form": self._form(TakeBackForm, State.ON_NOTICE),
        }

    def _struck(self, form) -> list:
        if not form:
            return []
        notes = AwardNote.objects.filter(village=self.village, round=self.round)
        struck = notes.struck().select_related("household").order_by("household")
        return [(note, form.fields_of(note.household)) for note in struck]

    # Forms

    def _form(self, form_class, *states, **kwargs):
        """Return a form of the round's state, filled in when it is the one sent."""
        if not self.round or self.round.state not in states:
            return None
        names = {
            HangOutForm: "open",
            VoteForm: "confirm",
            TakeBackForm: "withdraw",
        }
        data = self.request.POST if self.asked == names[form_class] else None
        return form_class(data, village=self.village, **kwargs)

    def _list_form(self, reading: Awards | None = None) -> ListForm | None:
        round = self.round
        if not round or round.confirmed_at or not self.may_prepare:
            return None
        households = []
        if not round.opened_at:
            reading = reading or awards_of_round(round)
            struck = round.notes.struck().select_related("household")
            households = [each.line.household for each in reading.chosen]
            households += [note.household for note in struck.order_by("household")]
        goods = Reward.objects.filter(village=self.village).active().in_shelf_order()
        return ListForm(
            self.request.POST if self.asked == "save" else None,
            village=self.village,
            round=round,
            households=households,
            goods=list(goods),
            has_notes=not round.opened_at,
        )


def _key(typed) -> UUID | None:
    try:
        return UUID(typed)
    except (TypeError, ValueError):
        return None
