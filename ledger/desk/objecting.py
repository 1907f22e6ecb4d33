"""异议: write one down, and answer it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households.models import Village
from ledger.desk.access import page, require, staff_object, staff_page
from ledger.forms import AnswerObjectionForm, FileObjectionForm
from ledger.models import Objection, Publication
from ledger.objections import (
    STEPS,
    answer_objection,
    file_objection,
    pass_on_objection,
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
    return page(
        request,
        "objections.html",
        village,
        _("Objections"),
        waiting=of_village.open().order_by("due_on", "filed_at", "pk"),
        today=timezone.localdate(),
        answered=of_village.exclude(state=Objection.State.OPEN).order_by(
            "-decided_at", "-pk"
        )[:OBJECTIONS_SHOWN],
        may_file=request.user.has_perm("ledger.file_objection", village),
        may_answer=request.user.has_perm("ledger.decide_objection", village),
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
    if request.method == "POST":
        require(request, "ledger.decide_objection", objection)
        if form.is_valid() and _answer(request, objection, form):
            return redirect(_address(objection.village))
        objection.refresh_from_db()
    return page(
        request,
        "objection.html",
        objection.village,
        _("Objection"),
        form=form,
        objection=objection,
        back=_address(objection.village),
        today=timezone.localdate(),
        is_last_step=objection.step == STEPS[-1],
        may_answer=objection.state == Objection.State.OPEN
        and request.user.has_perm("ledger.decide_objection", objection),
    )


@staff_object(Objection.objects.all, "ledger.decide_objection")
@require_POST
def pass_on(request, objection):
    """Hand an objection to whoever looks into it next."""
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
