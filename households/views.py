from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households import import_report
from households.downloads import XLSX, download
from households.forms import RosterImportForm, RosterUploadForm
from households.headings import ROSTER_COLUMNS
from households.import_batches import open_batch
from households.import_process import check_in_background, progress_of
from households.models import ImportBatch, Village
from households.roster import (
    RosterNotImported,
    check_roster,
    import_roster,
    require_good,
)
from households.roster_undo import undo_roster
from households.written_sheets import blank_sheet

CHECKED_AT_ONCE_BYTES = 64 * 1024
ROWS_ON_A_PAGE = 100
LINES_SHOWN = 200

TEMPLATES = {
    ImportBatch.State.CHECKING: "households/roster_import_progress.html",
    ImportBatch.State.CHECKED: "households/roster_import_check.html",
    ImportBatch.State.FAILED: "households/roster_import_failed.html",
    ImportBatch.State.IMPORTED: "households/roster_import_result.html",
    ImportBatch.State.UNDONE: "households/roster_import_result.html",
}


@require_http_methods(["GET", "HEAD", "POST"])
def roster_import(request):
    """Take a roster and check it: a small one at once, a large one beside."""
    villages = Village.objects.where_allowed(
        request.user, "households.import_roster"
    ).order_by("township_id", "position", "pk")
    if not villages:
        raise PermissionDenied
    form = RosterUploadForm(
        request.POST or None, request.FILES or None, villages=villages
    )
    if form.is_valid():
        return redirect(
            "households:roster-import-batch", _check(request, form.cleaned_data).pk
        )
    return _page(request, "households/roster_import.html", form=form)


def _check(request, upload):
    content = upload["file"].read()
    facts = {
        "file_name": upload["file"].name,
        "content": content,
        "by": request.user,
        "at": timezone.now(),
    }
    if len(content) < CHECKED_AT_ONCE_BYTES:
        return check_roster(upload["village"], **facts)
    batch = open_batch(upload["village"], ImportBatch.Kind.ROSTER, **facts)
    check_in_background(batch, content)
    return batch


@require_safe
def roster_template(request):
    """Hand out an empty roster to fill in, with the headings the import knows."""
    headings = [c.words.split()[0] for c in ROSTER_COLUMNS if c.key != "relation"]
    return download(blank_sheet("户名单", headings), "户名单.xlsx", XLSX)


@require_safe
def roster_import_batch(request, batch_id):
    """Show where an uploaded roster stands: being checked, checked, imported."""
    batch = _batch(request, batch_id)
    context = {"batch": batch}
    if batch.state == ImportBatch.State.CHECKING:
        context["progress"] = progress_of(batch, at=timezone.now())
    elif batch.state == ImportBatch.State.CHECKED:
        context |= _what_was_found(batch, request.GET.get("page"))
    elif batch.state != ImportBatch.State.FAILED:
        context["imported"] = import_report.imported_line(batch.report)
    return _page(request, TEMPLATES[batch.state], **context)


def _what_was_found(batch, page, form=None):
    report = batch.report
    return {
        "read_from": import_report.read_from(report),
        "counts": import_report.counts(report),
        "groups": import_report.groups(report),
        "left_out": list(import_report.left_out(report))[:LINES_SHOWN],
        "notes": list(map(import_report.note_line, report["notes"]))[:LINES_SHOWN],
        "refusals": report["refusals"][:LINES_SHOWN],
        "differing": [
            row for row in batch.rows if row["kind"] in ("conflict", "details")
        ][:LINES_SHOWN],
        "rows": Paginator(batch.rows, ROWS_ON_A_PAGE).get_page(page),
        "has_changes": any(report[kind] for kind in ("new", "details", "conflict")),
        "form": form or _import_form(batch),
    }


def _import_form(batch):
    try:
        require_good(batch, update=True)
    except RosterNotImported:
        return None
    return RosterImportForm(batch=batch)


@require_POST
def roster_import_confirm(request, batch_id):
    """Import a checked roster."""
    batch = _batch(request, batch_id)
    if batch.state == ImportBatch.State.CHECKED:
        form = RosterImportForm(request.POST, batch=batch)
        if not form.is_valid():
            context = {"batch": batch, **_what_was_found(batch, 1, form)}
            return _page(request, TEMPLATES[batch.state], **context)
        update = form.cleaned_data.get("replace", False)
        try:
            import_roster(batch, by=request.user, at=timezone.now(), update=update)
        except RosterNotImported as refused:
            messages.error(request, str(refused))
    return redirect("households:roster-import-batch", batch.pk)


@require_POST
def roster_import_undo(request, batch_id):
    """Take an imported roster back."""
    batch = _batch(request, batch_id)
    try:
        undo_roster(batch, by=request.user, at=timezone.now())
    except RosterNotImported as refused:
        messages.error(request, str(refused))
    return redirect("households:roster-import-batch", batch.pk)


def _batch(request, batch_id):
    batch = get_object_or_404(
        ImportBatch.objects.visible_to(request.user).select_related("village"),
        pk=batch_id,
        kind=ImportBatch.Kind.ROSTER,
    )
    if not request.user.has_perm("households.import_roster", batch.village):
        raise PermissionDenied
    return batch


def _page(request, template, **context):
    title = {"title": _("Import the roster")}
    return render(
        request, template, {**admin.site.each_context(request), **title, **context}
    )
