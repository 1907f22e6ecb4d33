"""批量导入: hand in a recorder's sheet, look at what was read, record the good rows."""

from contextlib import suppress
from time import monotonic

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

from households import import_report
from households.downloads import CSV, XLSX, download
from households.headings import DEED_COLUMNS
from households.import_batches import open_batch
from households.import_process import (
    check_in_background,
    progress_of,
    record_in_background,
)
from households.models import ImportBatch, Village
from households.written_sheets import blank_sheet, csv_table
from ledger.deed_sheets.check import check_deeds
from ledger.deed_sheets.importing import (
    DeedsNotImported,
    begin_import,
    note_seen,
    record_rows,
    stop_import,
)
from ledger.desk.access import page, staff_object, staff_page
from ledger.forms import DeedsUploadForm
from ledger.models import ScoringItem

CHECKED_AT_ONCE_BYTES = 64 * 1024
RECORDED_AT_ONCE_SECONDS = 0.2
LINES_SHOWN = 200

State = ImportBatch.State

TEMPLATES = {
    State.CHECKING: "import_progress.html",
    State.CHECKED: "import_check.html",
    State.FAILED: "import_failed.html",
    State.IMPORTING: "import_progress.html",
    State.STOPPED: "import_stopped.html",
    State.IMPORTED: "import_result.html",
}


@staff_page("ledger.import_deeds")
@require_http_methods(["GET", "HEAD", "POST"])
def deeds_import(request, village):
    """Take a sheet and check it: a small one at once, a large one beside."""
    form = DeedsUploadForm(request.POST or None, request.FILES or None, village=village)
    if form.is_valid():
        checked = _check(request, village, form.cleaned_data["file"])
        return redirect("ledger_desk:import-batch", checked.pk)
    return page(
        request,
        "import.html",
        village,
        _("Import from a sheet"),
        form=form,
        villages=Village.objects.where_allowed(request.user, "ledger.import_deeds"),
    )


def _check(request, village, file):
    content = file.read()
    facts = {
        "file_name": file.name,
        "content": content,
        "by": request.user,
        "at": timezone.now(),
    }
    if len(content) < CHECKED_AT_ONCE_BYTES:
        return check_deeds(village, **facts)
    opened = open_batch(village, ImportBatch.Kind.DEEDS, **facts)
    check_in_background(opened, content)
    return opened


def _batches():
    # The rows are long; a page that shows none does not fetch them.
    deeds = ImportBatch.objects.filter(kind=ImportBatch.Kind.DEEDS)
    return deeds.defer("rows", "report").select_related("village")


@staff_object(_batches, "ledger.import_deeds")
@require_safe
def batch(request, batch):
    """Show where a sheet stands: being checked, checked, being recorded, done."""
    progress = progress_of(batch, at=timezone.now())
    template = TEMPLATES[batch.state]
    if batch.state in (State.CHECKING, State.IMPORTING) and progress.has_stopped:
        template = TEMPLATES[State.STOPPED]
    return page(
        request,
        template,
        batch.village,
        _("Import from a sheet"),
        batch=batch,
        progress=progress,
        rows_left=batch.rows_total - batch.rows_done,
        is_news=batch.seen_at is None and batch.started_by_id == request.user.pk,
        **_what_was_found(batch),
    )


def _what_was_found(batch):
    if batch.state not in (State.CHECKED, State.STOPPED, State.IMPORTED):
        return {}
    report = batch.report
    return {
        "read_from": import_report.read_from(report),
        "left_out": list(import_report.left_out(report))[:LINES_SHOWN],
        "refusals": report["refusals"][:LINES_SHOWN],
        "rows": batch.rows[:LINES_SHOWN],
    }


@staff_page("ledger.import_deeds")
@require_safe
def template(request, village):
    """Hand out an empty sheet of deeds, with the village's items beside it."""
    items = ScoringItem.objects.filter(
        rulebook__in=village.rulebooks.in_force(timezone.localdate())
    ).order_by("position")
    notes = [
        (item.code, item.title, f"{item.points_min}–{item.points_max}")
        for item in items
    ]
    headings = [column.words.split()[0] for column in DEED_COLUMNS]
    content = blank_sheet("登记表", headings, notes=notes, notes_title="积分项目")
    return download(content, f"{village.name}登记表.xlsx", XLSX)


@staff_object(_batches, "ledger.import_deeds")
@require_safe
def refused(request, batch):
    """Hand out what was refused: row, column, value, problem, remedy."""
    parts = ("row", "column", "value", "problem", "remedy")
    headings = [
        _("Row"),
        _("Column"),
        _("In the file"),
        _("What is wrong"),
        _("What to do"),
    ]
    refusals = batch.report.get("refusals", [])
    rows = [[refusal[part] for part in parts] for refusal in refusals]
    return download(csv_table([headings, *rows]), "有问题的行.csv", CSV)


@staff_object(_batches, "ledger.import_deeds")
@require_POST
def confirm(request, batch):
    """Record the good rows of a checked sheet: at once, and a long rest beside.

    What was stopped goes on the same way.
    """
    try:
        is_ours = begin_import(batch, by=request.user, at=timezone.now())
    except DeedsNotImported as refused:
        messages.warning(request, str(refused))
    else:
        if is_ours:
            _record(ImportBatch.objects.select_related("village").get(pk=batch.pk))
    return redirect("ledger_desk:import-batch", batch.pk)


def _record(batch):
    started = monotonic()
    while record_rows(batch, at=timezone.now()):
        if monotonic() - started > RECORDED_AT_ONCE_SECONDS:
            # A process that cannot start is like one that died: the page says so.
            with suppress(OSError):
                record_in_background(batch)
            return
    # Whoever waited for the answer sees the result in it.
    note_seen(batch, at=timezone.now())


@staff_object(_batches, "ledger.import_deeds")
@require_POST
def stop(request, batch):
    """Stop recording a sheet; what is recorded stays."""
    stop_import(batch, by=request.user, at=timezone.now())
    return redirect("ledger_desk:import-batch", batch.pk)


@staff_object(_batches, "ledger.import_deeds")
@require_POST
def seen(request, batch):
    """Take a finished import off the desk of whoever began it."""
    if batch.started_by_id == request.user.pk:
        note_seen(batch, at=timezone.now())
    return redirect(f"{reverse('admin:index')}?village={batch.village.slug}")
