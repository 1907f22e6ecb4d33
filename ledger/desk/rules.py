"""积分细则: the versions of a village, the draft, and each of its steps."""

from collections.abc import Callable

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

from households.models import User, Village
from households.roles import Role, roles_granting
from households.stewardships import serving
from ledger.desk.access import page, require, staff_object, staff_page
from ledger.desk.rules_forms import AnswerForm, CommentForm
from ledger.models import Rulebook, ScoringItem
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from ledger.rules.asking import Verdict, ask_township, comment, take_back
from ledger.rules.check import findings_of
from ledger.rules.comparing import compare
from ledger.rules.drafting import (
    discard_draft,
    draft_rulebook,
    last_version,
    restore_item,
)

MAY_DRAFT, MAY_COMMENT = "ledger.adopt_rulebook", "ledger.comment_rulebook"


@staff_page("ledger.view_rulebook")
@require_safe
def rules(request, village):
    """List the versions of a village, the draft first."""
    today = timezone.localdate()
    versions = list(
        Rulebook.objects.filter(village=village)
        .select_related("drafted_by")
        .prefetch_related("votes")
        .order_by("-version", "-pk")
    )
    in_force = Rulebook.objects.filter(village=village).in_force(today).first()
    return page(
        request,
        "rules.html",
        village,
        _("Scoring rules"),
        draft=next((v for v in versions if _is_open(v)), None),
        versions=[v for v in versions if v.in_force_from],
        discarded=[v for v in versions if v.discarded_at],
        in_force=in_force,
        today=today,
        may_draft=request.user.has_perm(MAY_DRAFT, village),
        may_comment=request.user.has_perm(MAY_COMMENT, village),
        villages=_villages(request),
    )


@staff_page(MAY_DRAFT)
@require_POST
def begin(request, village):
    """Begin the next version as a copy of the last."""
    try:
        draft = draft_rulebook(village, by=request.user, at=timezone.now())
    except Refused as refused:
        messages.info(request, str(refused))
        draft = Rulebook.objects.filter(village=village).drafts().first()
        if draft is None:
            return redirect(overview(village))
    return redirect("ledger_desk:rules-version", draft.pk)


def _rulebooks():
    return Rulebook.objects.select_related("village", "drafted_by")


@staff_object(_rulebooks, "ledger.view_rulebook")
@require_safe
def version(request, rulebook):
    """Show one version: its items, what stands against them, what was said."""
    return show(request, rulebook)


def show(request, rulebook, *, comment_form=None, answer_form=None):
    """Render a version's page, with a form as it was refused."""
    village, user = rulebook.village, request.user
    items = list(rulebook.items.order_by("position", "code"))
    is_draft = _is_open(rulebook)
    before = last_version(rulebook)
    found = {}
    if is_draft:
        found = findings_of(items, before.items.all() if before else [])
    may_draft = is_draft and user.has_perm(MAY_DRAFT, rulebook)
    may_comment = rulebook.stage == Rulebook.Stage.SENT and user.has_perm(
        MAY_COMMENT, rulebook
    )
    said = rulebook.comments.filter(village=village).select_related("by")
    return page(
        request,
        "rules_version.html",
        village,
        _("Scoring rules"),
        rulebook=rulebook,
        before=before,
        pillars=[
            (
                pillar,
                label,
                [(i, found.get(i.pk, [])) for i in items if i.pillar == pillar],
            )
            for pillar, label in ScoringItem.Pillar.choices
        ],
        warned=len(found),
        refused=sum(any(f.refused for f in raised) for raised in found.values()),
        comparison=compare(rulebook) if is_draft else None,
        comments=said.order_by("at", "pk"),
        comment_form=comment_form or CommentForm(village=village),
        answer_form=answer_form or AnswerForm(village=village),
        township="、".join(map(str, _who_agrees(village))),
        may_draft=may_draft,
        may_edit=may_draft and rulebook.stage == Rulebook.Stage.DRAFT,
        # What was typed too late is shown once more with the reason.
        may_comment=may_comment or comment_form is not None,
        may_answer=(may_draft and said) or answer_form is not None,
        is_own=rulebook.drafted_by_id == user.pk or user.has_perm(MAY_DRAFT, rulebook),
        back=overview(village),
    )


@staff_object(_rulebooks, "ledger.view_rulebook")
@require_safe
def comparison(request, rulebook):
    """Show what a version does to the one before it."""
    return page(
        request,
        "rules_compare.html",
        rulebook.village,
        _("Compare with the last version"),
        rulebook=rulebook,
        comparison=compare(rulebook),
        may_edit=rulebook.stage == Rulebook.Stage.DRAFT
        and request.user.has_perm(MAY_DRAFT, rulebook),
        back=reverse("ledger_desk:rules-version", args=[rulebook.pk]),
    )


@staff_object(_rulebooks, MAY_DRAFT)
@require_POST
def step(request, rulebook):
    """Send a draft, take it back, or put an item back as it was."""
    facts = {"by": request.user, "at": timezone.now()}
    code = request.POST.get("code", "")
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "ask": (
            lambda: ask_township(rulebook, **facts),
            _("Sent. The township reads it now; nobody changes it meanwhile."),
        ),
        "take_back": (
            lambda: take_back(rulebook, **facts),
            _("Taken back. You can change it; then send it again."),
        ),
        "restore": (
            lambda: restore_item(rulebook, code, **facts),
            _("%(code)s stands again as in the last version.") % {"code": code},
        ),
    }
    wanted = steps.get(request.POST.get("step", ""))
    if wanted:
        act, done = wanted
        try:
            act()
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, done)
    return redirect("ledger_desk:rules-version", rulebook.pk)


@staff_object(_rulebooks, "ledger.view_rulebook")
@require_POST
def say(request, rulebook):
    """Write down what the township says of a draft, or what the village answers."""
    is_answer = "answer" in request.POST
    require(request, MAY_DRAFT if is_answer else MAY_COMMENT, rulebook)
    form = (AnswerForm if is_answer else CommentForm)(
        request.POST, village=rulebook.village
    )
    if form.is_valid():
        data = form.cleaned_data
        try:
            comment(
                rulebook,
                data.get("verdict", Verdict.ANSWER),
                data["text"],
                key=data["key"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            if isinstance(refused, KeyUsedForSomethingElse):
                form.renew_key()
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Written down; the other side reads it."))
            return redirect("ledger_desk:rules-version", rulebook.pk)
    forms = {"answer_form" if is_answer else "comment_form": form}
    return show(request, rulebook, **forms)


@staff_object(_rulebooks, MAY_DRAFT)
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request, rulebook):
    """Give a draft up, after a look at what that means."""
    back = reverse("ledger_desk:rules-version", args=[rulebook.pk])
    if request.method == "POST":
        try:
            discard_draft(rulebook, by=request.user, at=timezone.now())
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, _("Discarded. The rules in force stay."))
    if request.method == "POST" or not _is_open(rulebook):
        return redirect(overview(rulebook.village))
    return page(
        request,
        "rules_discard.html",
        rulebook.village,
        _("Discard the draft"),
        rulebook=rulebook,
        back=back,
    )


def _who_agrees(village: Village) -> list[User]:
    """Return who speaks for the township and does not draw up the rules as well."""
    by_role = serving(village)
    drawing = {
        person for role in roles_granting(MAY_DRAFT) for person in by_role.get(role, [])
    }
    return [one for one in by_role.get(Role.TOWNSHIP, []) if one not in drawing]


def overview(village: Village) -> str:
    return f"{reverse('ledger_desk:rules')}?village={village.slug}"


def _is_open(rulebook: Rulebook) -> bool:
    return rulebook.in_force_from is None and rulebook.discarded_at is None


def _villages(request):
    return Village.objects.where_allowed(request.user, "ledger.view_rulebook")
