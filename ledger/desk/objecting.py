"""异议: write one down, and answer it."""

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

from households.models import User, Village
from households.own_households import OwnHouseholds
from households.stewardships import serving
from ledger.desk.access import page, staff_object, staff_page
from ledger.forms import AnswerObjectionForm, FileObjectionForm
from ledger.models import Objection, Publication
from ledger.objections import (
    HANDLED_BY,
    STEPS,
    answer_objection,
    answered_by,
    file_objection,
    is_involved,
    pass_on_objection,
    whose_turn,
)
from ledger.refusals import Refused

OBJECTIONS_SHOWN = 100


@staff_page("ledger.view_objection")
@require_safe
def objections(request, village):
    """List the objections of a village, those without an answer first."""
    of_village = Objection.objects.filter(village=village).select_related(
        "publication__period", "household", "decided_by"
    )
    waiting = (
        of_village.open()
        .select_related("entry__deed")
        .prefetch_related("entry__deed__decisions")
        .order_by("due_on", "filed_at", "pk")
    )
    people, own = serving(village), OwnHouseholds(village.pk)
    return page(
        request,
        "objections.html",
        village,
        _("Objections"),
        waiting=[
            (objection, request.user in whose_turn(objection, people, own=own))
            for objection in waiting
        ],
        today=timezone.localdate(),
        answered=of_village.exclude(state=Objection.State.OPEN).order_by(
            "-decided_at", "-pk"
        )[:OBJECTIONS_SHOWN],
        may_file=request.user.has_perm("ledger.file_objection", village),
        villages=Village.objects.where_allowed(request.user, "ledger.view_objection"),
    )


@staff_page("ledger.file_objection")
@require_http_methods(["GET", "HEAD", "POST"])
def file(request, village):
    """Write down an objection that somebody brought."""
    publications = Publication.objects.of(village).filter(
        period__in=village.periods.on_notice()
    )
    form = FileObjectionForm(
        request.POST or None,
        village=village,
        publications=publications,
        initial={"line": request.GET.get("line")},
    )
    if form.is_valid():
        objection = _file(request, form)
        if objection:
            messages.success(
                request,
                _("Noted as number %(number)s.") % {"number": objection.number},
            )
            return redirect(_address(village))
    return page(
        request,
        "objection_new.html",
        village,
        _("Write down an objection"),
        form=form,
        has_publications=publications.exists(),
        back=_address(village),
    )


def _file(request, form) -> Objection | None:
    data = form.cleaned_data
    try:
        return file_objection(
            data["publication"],
            text=data["text"],
            channel=data["channel"],
            household=data["household"],
            entry=data["entry"],
            by=request.user,
            at=timezone.now(),
            key=data["key"],
        )
    except Refused as refused:
        form.renew_key()
        form.add_error(None, str(refused))
        return None


@staff_object(Objection.objects.all, "ledger.view_objection")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request, objection):
    """Show one objection, and answer it."""
    form = AnswerObjectionForm(request.POST or None)
    may_answer = request.user.has_perm(answered_by(objection.step), objection)
    if request.method == "POST":
        if not may_answer:
            raise Http404
        if form.is_valid() and _answer(request, objection, form):
            return redirect(_address(objection.village))
        objection.refresh_from_db()
    is_open = objection.state == Objection.State.OPEN
    involved = is_open and may_answer and is_involved(request.user, objection)
    return page(
        request,
        "objection.html",
        objection.village,
        _("Objection"),
        form=form,
        objection=objection,
        back=_address(objection.village),
        today=timezone.localdate(),
        with_whom="、".join(map(str, _with_whom(objection))) if is_open else "",
        next_step=_next_step(objection) if _may_pass_on(request, objection) else "",
        may_answer=is_open and may_answer and not involved,
        is_involved=involved,
    )


@staff_object(Objection.objects.all, "ledger.view_objection")
@require_POST
def pass_on(request, objection):
    """Hand an objection to whoever looks into it next, from the step it was seen at."""
    objection.step = request.POST.get("step", "")
    if not _may_pass_on(request, objection):
        raise Http404
    try:
        objection = pass_on_objection(objection, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(
            request,
            _("Now with: %(step)s.") % {"step": objection.get_step_display()},
        )
    return redirect("ledger_desk:objection", objection.pk)


def _may_pass_on(request, objection) -> bool:
    """Let those hand it on whose step it is, and the committee at any before it."""
    permissions = [HANDLED_BY.get(objection.step, ""), answered_by(objection.step)]
    return any(request.user.has_perm(one, objection) for one in permissions)


def _next_step(objection) -> str:
    """Return the name of the step above, if there is one and it is still open."""
    place = STEPS.index(Objection.Step(objection.step)) + 1
    is_open = objection.state == Objection.State.OPEN
    return str(STEPS[place].label) if is_open and place < len(STEPS) else ""


def _with_whom(objection) -> list[User]:
    return whose_turn(objection, serving(objection.village))


def _answer(request, objection, form) -> bool:
    data = form.cleaned_data
    try:
        answer_objection(
            objection,
            uphold=data["outcome"] == Objection.State.UPHELD,
            answer=data["answer"],
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _("Answered."))
    return True


def _address(village):
    return f"{reverse('ledger_desk:objections')}?village={village.slug}"
