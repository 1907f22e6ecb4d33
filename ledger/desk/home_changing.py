"""户籍变动 at the desk: note a change, confirm it, print its sheet to sign."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households.models import ChangeNote, Household, HouseholdChange
from households.own_households import own_households
from households.roles import roles_granting
from households.stewardships import serving
from ledger.desk.access import page, staff_object, staff_page
from ledger.desk.home_forms import FORMS, AnswerForm, ChangeForm
from ledger.homes.changes import (
    confirm_change,
    note_change,
    refuse_change,
    take_back_change,
    try_change,
)
from ledger.homes.effects import effects_of
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused

Kind = ChangeNote.Kind


@staff_object(
    lambda: Household.objects.select_related("village__policy", "group"),
    "households.note_change",
)
@require_http_methods(["GET", "HEAD", "POST"])
def note_of_home(request, household, kind):
    """Note what changed in one household, after a look at what it will do."""
    return _note(request, household.village, Kind(kind), household)


@staff_page("households.note_change")
@require_http_methods(["GET", "HEAD", "POST"])
def note_move_in(request, village):
    """Note a household that moves in by a decision of the village."""
    return _note(request, village, Kind.MOVE_IN, None)


@staff_object(
    lambda: ChangeNote.objects.select_related(
        "village__policy",
        "household__village",
        "other__village",
        "group",
        "noted_by",
        "decided_by",
    ),
    "households.view_changenote",
)
@require_safe
def change(request, note):
    """Show what was noted, what it does, and the buttons of whoever decides."""
    return _show(request, note)


@staff_object(ChangeNote.objects.all, "households.confirm_change")
@require_POST
def confirm(request, note):
    """Let a noted change happen."""
    done = _try(
        request,
        _("Confirmed. The change stands in the household's file."),
        lambda: confirm_change(note, by=request.user, at=timezone.now()),
    )
    if done is None:
        return redirect("ledger_desk:home-change", note.pk)
    return redirect("ledger_desk:home", done.household_id)


@staff_object(ChangeNote.objects.all, "households.confirm_change")
@require_POST
def refuse(request, note):
    """Leave everything as it is, with a reason."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, note, form)
    _try(
        request,
        _("Not confirmed. Nothing was changed."),
        lambda: refuse_change(
            note,
            answer=form.cleaned_data["answer"],
            by=request.user,
            at=timezone.now(),
        ),
    )
    return redirect("ledger_desk:home-change", note.pk)


@staff_object(ChangeNote.objects.all, "households.note_change")
@require_POST
def take_back(request, note):
    """Take back what one noted oneself."""
    _try(
        request,
        _("Taken back. Nothing was changed."),
        lambda: take_back_change(note, by=request.user, at=timezone.now()),
    )
    return redirect("ledger_desk:home-change", note.pk)


@staff_object(
    lambda: ChangeNote.objects.select_related(
        "village__policy", "household__group", "other__group", "group", "noted_by"
    ),
    "households.view_changenote",
)
@require_safe
def sheet(request, note):
    """Print the sheet of evidence 户籍变动登记表, to be signed and filed."""
    return page(
        request,
        "home_change_sheet.html",
        note.village,
        _("Sheet of a change of household"),
        note=note,
        done=note.changes.first(),
        effects=_effects(note),
        back=reverse("ledger_desk:home-change", args=[note.pk]),
    )


def _note(request, village, kind, household):
    if kind not in FORMS:
        raise Http404
    back = _back(village, household)
    form = FORMS[kind](request.POST or None, village=village, household=household)
    template, effects = "home_note.html", []
    if form.is_valid():
        try:
            if request.POST.get("sure") == "1":
                note = note_change(
                    village,
                    form.asked(),
                    key=form.cleaned_data["key"],
                    by=request.user,
                    at=timezone.now(),
                )
                messages.success(
                    request, _("Noted. It counts once another person has confirmed it.")
                )
                return redirect("ledger_desk:home-change", note.pk)
            if "again" not in request.POST:
                effects = _tried(request, village, form)
                template = "home_note_check.html"
        except Refused as refused:
            if isinstance(refused, KeyUsedForSomethingElse):
                form.renew_key()
            form.add_error(None, str(refused))
    return page(
        request,
        template,
        village,
        kind.label,
        form=form,
        kind=kind,
        household=household,
        effects=effects,
        back=back,
    )


def _tried(request, village, form: ChangeForm) -> list[str]:
    now = timezone.now()
    note = try_change(village, form.asked(), by=request.user, at=now)
    return effects_of(note, at=now)


def _show(request, note, form=None):
    user = request.user
    is_waiting = note.state == ChangeNote.State.WAITING
    may_confirm = user.has_perm("households.confirm_change", note)
    own = own_households(user, note.village_id)
    is_own = not own.isdisjoint((note.household_id, note.other_id))
    by_role = serving(note.village)
    others = [
        person
        for role in roles_granting("households.confirm_change")
        for person in by_role.get(role, [])
        if person != note.noted_by
    ]
    return page(
        request,
        "home_change.html",
        note.village,
        note.get_kind_display(),
        note=note,
        done=HouseholdChange.objects.filter(village=note.village, note=note).first(),
        effects=_effects(note),
        form=form or AnswerForm(),
        may_decide=is_waiting
        and may_confirm
        and not is_own
        and note.noted_by_id != user.pk,
        may_take_back=is_waiting and note.noted_by_id == user.pk,
        confirmers="、".join(map(str, dict.fromkeys(others))),
        back=_back(note.village, note.household),
    )


def _effects(note) -> list[str]:
    """Say what a change will do while it waits; afterwards the file shows it."""
    if note.state != ChangeNote.State.WAITING:
        return []
    return effects_of(note, at=timezone.now())


def _back(village, household) -> str:
    if household:
        return reverse("ledger_desk:home", args=[household.pk])
    return f"{reverse('ledger_desk:homes')}?village={village.slug}"


def _try(request, done, act):
    try:
        result = act()
    except Refused as refused:
        messages.warning(request, str(refused))
        return None
    messages.success(request, done)
    return result
