"""Public pages: they read publications, the village and its rulebook, nothing else."""

from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from ledger import board as paper
from ledger.public import pages
from ledger.public.blocks import Block, blocks_of
from ledger.public.finding import look_up, typed
from ledger.public.noticeboard import Noticeboard
from ledger.public.overview import Overview
from ledger.public.rules_page import rules_of, rules_page
from ledger.public.standings_csv import standings_csv
from ledger.public.taking_away import take_away


@require_safe
def overview(request):
    """Show every village's state; with one village, go straight to its board."""
    villages = Overview.now()
    if villages.only_village:
        response = redirect("ledger:board", villages.only_village.slug)
        response.headers["Cache-Control"] = "public, max-age=60"
        return response
    today = timezone.localdate()
    return pages.page(
        request,
        "ledger/overview.html",
        villages.facts(today),
        lambda: villages.page(today),
    )


@require_safe
def board(request, slug):
    """Show the newest published month, or say when the first one comes."""
    noticeboard, now = Noticeboard.of(slug), timezone.now()
    latest, today = noticeboard.latest, timezone.localdate(now)
    blocks: list[Block] = []
    if latest:
        blocks = blocks_of(noticeboard.village, latest.period.month, at=now)
    return pages.page(
        request,
        "ledger/board.html" if latest else "ledger/first_board.html",
        (noticeboard.facts(today), *(block.facts for block in blocks)),
        lambda: {
            **noticeboard.board(today),
            "blocks": [(b.template, b.content()) for b in blocks if not b.is_wide],
            "wide_blocks": [(b.template, b.content()) for b in blocks if b.is_wide],
        },
    )


@require_safe
def archive(request, slug):
    """List the published months of a village."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    return pages.page(
        request,
        "ledger/archive.html",
        noticeboard.facts(today),
        lambda: noticeboard.archive(today),
    )


@require_safe
def month(request, slug, month):
    """Show one published month as it was frozen, and where it was put right."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    publication = noticeboard.published(month)
    if publication is None:
        page = noticeboard.furniture()
        return pages.answer_once(request, "ledger/no_month.html", page, status=404)
    return pages.page(
        request,
        "ledger/month.html",
        (noticeboard.facts(today), publication.period.state),
        lambda: noticeboard.month(publication, today),
    )


@require_safe
def publication_json(request, slug, month):
    """Hand out a month's document, byte for byte as digested."""
    publication = take_away(request, Noticeboard.of(slug), month)
    return pages.download(
        request,
        "application/json",
        publication.digest,
        lambda: pages.keep(publication.document, f'"{publication.digest}"'),
    )


@require_safe
def standings(request, slug, month):
    """Hand out the rows of a month's page for a spreadsheet."""
    publication = take_away(request, Noticeboard.of(slug), month)
    response = pages.download(
        request,
        "text/csv; charset=utf-8",
        publication.digest,
        lambda: pages.keep(standings_csv(paper.read(publication.document))),
    )
    name = f"{slug}-{month:%Y-%m}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def find(request, slug):
    """Find one household by its number or the full name of its head."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    question = typed(request.GET.get("q", ""))
    answer = look_up(noticeboard.village, question)
    if not question:
        return pages.page(
            request,
            "ledger/find.html",
            noticeboard.facts(today),
            lambda: noticeboard.find(answer, today),
        )
    page = {**noticeboard.find(answer, today), "question": question}
    return pages.answer_once(request, "ledger/find.html", page)


@require_safe
def group(request, slug, number):
    """List the households of one villager group."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    return pages.page(
        request,
        "ledger/group.html",
        noticeboard.facts(today),
        lambda: noticeboard.group(number),
    )


@require_safe
def rules(request, slug, version=None):
    """Show the scoring items in force, or those of another version."""
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    read = rules_of(noticeboard.village, today, version=version)
    if version is not None and read.rulebook is None:
        raise Http404
    return pages.page(
        request,
        "ledger/rules.html",
        (noticeboard.facts(today), read.facts),
        lambda: {**noticeboard.furniture(), **rules_page(read)},
    )


@require_safe
def privacy(request):
    """Say what is published, what is kept and what is not."""
    return pages.page(request, "about/privacy.html", None, dict)


@require_safe
def accessibility(request):
    """Say who can use these pages, how, and whom to tell when they cannot."""
    return pages.page(request, "about/accessibility.html", None, dict)


@require_safe
def verify(request):
    """Say how a published month is checked, what that proves and what not."""
    return pages.page(request, "about/verify.html", None, dict)
