"""Paper forms: what can be declared and objected to by hand, two forms to a sheet."""

from django.utils import timezone
from django.views.decorators.http import require_safe

from ledger.public import pages
from ledger.public.noticeboard import Noticeboard

# Two of A5 on a sheet of A4, to cut apart.
COPIES = range(2)


@require_safe
def declare(request, slug):
    """Show the form on which a good deed is declared by hand."""
    return _form(request, slug, "declare")


@require_safe
def objection(request, slug):
    """Show the form on which somebody objects by hand."""
    return _form(request, slug, "objection")


def _form(request, slug, form):
    noticeboard, today = Noticeboard.of(slug), timezone.localdate()
    return pages.page(
        request,
        "ledger/paper_form.html",
        (noticeboard.facts(today), form),
        lambda: {**noticeboard.standing(today), "form": form, "copies": COPIES},
    )
