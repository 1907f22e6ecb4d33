"""批量导入: hand in a recorder's sheet, look at what was read, record the good rows."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households import import_report
from households.import_batches import open_batch
from households.models import ImportBatch, Village
from households.roster_process import check_in_background, progress_of
from ledger.deeds_import import (
    DeedsNotImported,
    check_deeds,
    import_deeds,
)
from ledger.desk.access import page, staff_object, staff_page
from ledger.forms import DeedsUploadForm

CHECKED_AT_ONCE_BYTES = 64 * 1024
LINES_SHOWN = 200

TEMPLATES = {
    ImportBatch.State.CHECKING: "import_progress.html",
    ImportBatch.State.CHECKED: "import_check.html",
    ImportBatch.State.FAILED: "import_failed.html",
    ImportBatch.State.IMPORTED: "import_result.html",
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
    return ImportBatch.objects.filter(kind=ImportBatch.Kind.DEEDS).select_related(
        "village"
    )


@staff_object(_batches, "ledger.import_deeds")
@require_safe
def batch(request, batch):
    """Show where a sheet stands: being checked, checked, imported."""
    context = {"batch": batch}
    report = batch.report
    if batch.state == ImportBatch.State.CHECKING:
        context["progress"] = progress_of(batch, at=timezone.now())
    elif batch.state != ImportBatch.State.FAILED:
        context |= {
            "read_from": import_report.read_from(report),
            "left_out": list(import_report.left_out(report))[:LINES_SHOWN],
            "refusals": report["refusals"][:LINES_SHOWN],
            "rows": batch.rows[:LINES_SHOWN],
        }
    return page(
        request,
        TEMPLATES[batch.state],
        batch.village,
        _("Import from a sheet"),
        **context,
    )


@staff_object(_batches, "ledger.import_deeds")
@require_POST
def confirm(request, batch):
    """Record the good rows of a checked sheet."""
    try:
        import_deeds(batch, by=request.user, at=timezone.now())
    except DeedsNotImported as refused:
        messages.warning(request, str(refused))
    return redirect("ledger_desk:import-batch", batch.pk)
