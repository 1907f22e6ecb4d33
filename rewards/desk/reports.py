"""年度报告: a village's or the township's year on one page, in Excel and in CSV."""

import io
from uuid import UUID, uuid4

from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from households.audit import record_event
from households.downloads import CSV, XLSX, download
from households.models import Village
from households.staff_pages import staff_page
from households.written_sheets import csv_table
from rewards.annual import charts, details, sheets
from rewards.annual.figures import reported_years, village_year
from rewards.annual.one_table import one_table_rows
from rewards.annual.workbook import Export, write_workbook
from rewards.desk.access import page
from rewards.desk.export_progress import counted, steps_done

MAY_REPORT = "ledger.export_report"
TOWNSHIP = "township"


@staff_page(MAY_REPORT)
@require_safe
def newest(request, village):
    """Go to the year and village chosen, else to the newest year with a final month."""
    allowed = _allowed(request)
    years = reported_years(allowed)
    if not years:
        return page(request, "report_empty.html", village, _("Annual report"))
    chosen = request.GET.get("year", "")
    year = int(chosen) if chosen in map(str, years) else years[0]
    return redirect(_address(year, request.GET.get("of", ""), village, allowed))


@staff_page(MAY_REPORT)
@require_safe
def report(request, village, year):
    """Show the year in figures, with a table beneath each chart."""
    villages, allowed = _villages(request, village), list(_allowed(request))
    years = reported_years(allowed)
    if year not in years:
        raise Http404
    lines = _lines(villages, year)
    shown = lines[0] if len(lines) == 1 else None
    return page(
        request,
        "report.html",
        village,
        _("Annual report"),
        year=year,
        years=years,
        choices=allowed,
        scope=TOWNSHIP if len(villages) > 1 else village.slug,
        has_township=len(allowed) > 1,
        lines=lines,
        shown=shown,
        is_empty=not any(line.months for line in lines),
        key=uuid4(),
        is_over=all(line.is_over for line in lines if line.months),
        heads=_heads(lines),
        tables=_tables(lines),
        **(_charts(shown) if shown else {}),
    )


@staff_page(MAY_REPORT)
@require_POST
def export(request, village, year):
    """Hand out the year as a workbook or a table; who took it is kept and printed.

    It holds full names, so it answers a form and leaves an audit event.
    """
    villages, now = _villages(request, village), timezone.now()
    form = "csv" if request.POST.get("form") == "csv" else "xlsx"
    with counted(_key(request.POST) or uuid4()) as step:
        lines = list(_each(villages, year, step))
        if not any(line.months for line in lines):
            raise Http404
        if form == "csv":
            content = csv_table(one_table_rows(lines))
        else:
            file, title = io.BytesIO(), sheets.title_of(villages, year)
            write_workbook(file, title, lines, export=Export(str(request.user), now))
            content = file.getvalue()
    for one in villages:
        record_event(
            "report.export", village=one, by=request.user, at=now, year=year, form=form
        )
    name = f"{year}_{sheets.place_of(villages)}_{_('annual points report')}.{form}"
    return download(content, name, CSV if form == "csv" else XLSX)


@staff_page(MAY_REPORT)
@require_safe
def progress(request, village, year):
    """Say how far an export has come, for the script that shows it."""
    villages, key = _villages(request, village), _key(request.GET)
    done = steps_done(key) if key else None
    if done is None:
        raise Http404
    if done < len(villages):
        said = _("Adding up: %(done)s of %(count)s villages")
    else:
        said = _("Writing the file: %(count)s villages added up")
    facts = {"done": done, "count": len(villages)}
    answer = {"done": done, "steps": len(villages) + 1, "sentence": said % facts}
    return JsonResponse(answer, headers={"Cache-Control": "private, no-store"})


def _key(sent) -> UUID | None:
    """Return the key that the form was opened with."""
    try:
        return UUID(sent.get("key", ""))
    except ValueError:
        return None


def _heads(lines):
    """Return the headline figures: a word, a number, its unit."""
    return [
        (
            _("Households"),
            sum(line.listed for line in lines),
            pgettext("unit", "homes"),
        ),
        (
            pgettext("report", "Good deeds"),
            sum(line.deeds for line in lines),
            pgettext("unit", "deeds"),
        ),
        (
            pgettext("report", "Points added"),
            sum(line.points for line in lines),
            pgettext("unit", "pts"),
        ),
        (
            _("Deductions made"),
            sum(line.deductions for line in lines),
            pgettext("unit", "times"),
        ),
        (
            _("Exchanges"),
            sum(line.shop.slips for line in lines),
            pgettext("unit", "times"),
        ),
        (_("Participation"), sheets.participation(lines), "%"),
    ]


def _tables(lines):
    """Return the tables of the page; of households only those of the honor roll."""
    if len(lines) > 1:
        return [sheets.villages_table("", lines), details.objections_table("", lines)]
    return [
        make("", lines)
        for make in (
            details.exchange_table,
            details.objections_table,
            details.corrections_table,
            details.awards_table,
            details.sources_table,
        )
    ]


def _charts(shown):
    bars = charts.group_bars(shown.groups)
    return {
        "month_bars": charts.month_bars(shown.months),
        "month_grid": charts.month_grid(shown.months),
        "pillar_rows": charts.pillar_rows(shown.months),
        "group_bars": bars,
        "group_height": charts.ROW * len(bars) + 8,
    }


def _lines(villages, year):
    return [village_year(village, year) for village in villages]


def _each(villages, year, step):
    """Yield the villages' years one by one, counting each."""
    for village in villages:
        yield village_year(village, year)
        step()


def _allowed(request):
    villages = Village.objects.where_allowed(request.user, MAY_REPORT)
    return villages.select_related("policy", "township").order_by(
        "township_id", "position", "pk"
    )


def _address(year: int, of: str, village: Village, allowed) -> str:
    """Return where a year is reported: of the village chosen, or of its township.

    A village that is not the person's own is passed over.
    """
    slugs = {one.slug for one in allowed}
    slug = of if of in slugs else village.slug
    scope = f"&scope={TOWNSHIP}" if of == TOWNSHIP else ""
    return f"{reverse('rewards_desk:report', args=[year])}?village={slug}{scope}"


def _villages(request, village: Village) -> list[Village]:
    """Return the village asked for, or all of its township."""
    asked = request.POST.get("scope") or request.GET.get("scope")
    if asked != TOWNSHIP:
        return [village]
    return list(_allowed(request).filter(township=village.township_id))
