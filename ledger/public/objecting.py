"""我有异议: to a month, a household or a line, with a receipt."""

from dataclasses import dataclass

from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from households.models import Household, Village
from households.typed_numbers import whole_number
from ledger import board as paper
from ledger.board import parse_month
from ledger.models import Deed, Entry, Objection, Publication
from ledger.objections import file_objection
from ledger.operations import FiledAlready
from ledger.public.form_tokens import FormToken, read_token
from ledger.public.noticeboard import Noticeboard
from ledger.public.objection_form import ObjectionForm
from ledger.public.passbook_pages import ask_for_card, household_of
from ledger.public.resident_forms import (
    Place,
    household_of_form,
    is_too_fast,
    too_fast,
    too_many_from_here,
    too_old,
)
from ledger.public.tries import DAILY, note_try
from ledger.refusals import Refused

KIND = "objection"


@dataclass(frozen=True)
class _Subject:
    """What an objection is about: a publication, and the line it was opened from."""

    publication: Publication
    entry: Entry | None = None

    @property
    def facts(self) -> dict:
        """Return where its month stands today."""
        period = self.publication.period
        ends_at = timezone.localtime(period.notice_ends_at)
        return {
            "month": period.month,
            "ends_at": ends_at,
            "notice": paper.notice(
                {"notice_ends_at": ends_at}, period.state, timezone.localdate()
            ),
            "entry": self.entry,
            "line": _source(self.entry) if self.entry else None,
        }


# No page here knows its reader by a cookie, so no other site can act in their
# name; what Django's token is for, the signed token of the form does.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request, slug):
    """Let anybody object to a published month of a village, or a household in it."""
    village = Noticeboard.of(slug).village
    place = Place(KIND, village)
    if request.method != "POST":
        subject = _month_asked(village, request.GET.get("month", ""))
        return _Desk(request, place, subject, None).empty()
    token, is_good = read_token(KIND, request.POST.get("token", ""))
    if token and (token.village != village.pk or token.household):
        token = None
    subject = _subject_of(village, token) or _month_asked(village, "")
    return _Desk(request, place, subject, token).answer(is_good=is_good)


# The passbook's cookie opens the form; what is sent rests on the form's own
# token, which no other site can read, and which outlives the half hour.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def own_objection(request):
    """Let a household object to its own lines, from its passbook."""
    household = household_of(request)
    if request.method != "POST":
        if household is None:
            return ask_for_card(request)
        subject = _line_asked(household, request.GET.get("line", ""))
        return _Desk(request, Place.of(KIND, household), subject, None).empty()
    token, is_good = read_token(KIND, request.POST.get("token", ""))
    if token and is_good:
        household = household_of_form(token) or household
    if household:
        if token and token.household != household.pk:
            token = None
        subject = _subject_of(household.village, token) or _line_asked(household, "")
        desk = _Desk(request, Place.of(KIND, household), subject, token)
        return desk.answer(is_good=is_good)
    if token is None:
        return ask_for_card(request)
    # The card has to be scanned again; until then the village's own form keeps
    # what was typed.
    village = Village.objects.select_related("policy").get(pk=token.village)
    subject = _month_asked(village, "")
    return _Desk(request, Place(KIND, village), subject, None).answer(is_good=False)


@require_safe
def objected(request, slug, receipt):
    """Show a receipt; it is drawn from its address alone."""
    return Place(KIND, Noticeboard.of(slug).village).show_receipt(request, receipt)


@require_safe
def own_objected(request, receipt):
    """Show a receipt beside the passbook it came from."""
    household = household_of(request)
    if household is None:
        return ask_for_card(request)
    return Place.of(KIND, household).show_receipt(request, receipt)


class _Desk:
    """One objection on its way: asked and filed."""

    def __init__(self, request, place, subject, token):
        self.request = request
        self.place = place
        self.subject = subject
        self.is_ours = token is not None
        self.token = token or self._new_token()

    def empty(self):
        return self._show(self._form())

    def answer(self, *, is_good):
        """Answer what was sent: with the questions or the receipt."""
        if self.subject is None:
            return self._show(None)
        form = self._form(self.request.POST)
        if is_too_fast(self.request):
            form.without_errors().add_error(None, too_fast())
            return self._show(form, status=429)
        if not (is_good and self.is_ours):
            self.token = self._new_token()
            form.without_errors().add_error(None, too_old())
            return self._show(form)
        if form.is_trapped or self.request.POST.get("step") == "look":
            return self._show(form.without_errors())
        if not form.is_valid():
            return self._show(form)
        return self._file(form)

    def _file(self, form):
        data, at = form.cleaned_data, timezone.now()
        stopped = too_many_from_here(self.request, KIND)
        if stopped and not self._is_filed():
            form.add_error(None, stopped)
            return self._show(form)
        try:
            filed = file_objection(
                self.subject.publication,
                text=data["text"],
                grounds=data["grounds"],
                contact=data["contact"],
                channel=Deed.Channel.WEB,
                household=data["household"],
                entry=self.subject.entry,
                by=None,
                key=self.token.key,
                at=at,
            )
        except Refused as refused:
            if isinstance(refused, FiledAlready):
                self.token = self._new_token()
            form.add_error(None, str(refused))
            return self._show(form)
        if filed.filed_at == at:
            note_try(self.request, DAILY + KIND)
        return self.place.give_receipt(self.request, filed.number)

    def _is_filed(self):
        of_village = Objection.objects.filter(village=self.place.village)
        return of_village.filter(key=self.token.key).exists()

    def _show(self, form, *, status=200):
        context = {"form": form, "token": self.token, "notice": None}
        if self.subject:
            # In larger letters the form comes back with what was typed.
            context |= {"look": "look", "enter": "file"}
            context |= self.subject.facts
        return self.place.answer(
            self.request, "ledger/objection.html", context, status=status
        )

    def _form(self, *sent):
        return ObjectionForm(
            *sent,
            village=self.place.village,
            household=self.place.household,
            entry=self.subject.entry if self.subject else None,
        )

    def _new_token(self):
        own, subject = self.place.household, self.subject
        return FormToken(
            KIND,
            self.place.village.pk,
            own and own.pk,
            subject and subject.publication.pk,
            subject and subject.entry and subject.entry.pk,
        )


def _month_asked(village: Village, text: str) -> _Subject | None:
    """Return the published month that is asked for, else the newest one."""
    published = Publication.objects.of(village).defer("document")
    try:
        asked = published.filter(period__month=parse_month(text)).first()
    except ValueError:
        asked = None
    publication = asked or published.first()
    return _Subject(publication) if publication else None


def _line_asked(household: Household, text: str) -> _Subject | None:
    """Return the line of a passbook that is asked for, else the newest month."""
    if number := whole_number(text):
        entry = _lines(household).filter(number=number).first()
        publication = entry and _publication_of(entry)
        if publication:
            return _Subject(publication, entry)
    return _month_asked(household.village, "")


def _subject_of(village: Village, token: FormToken | None) -> _Subject | None:
    """Return what a form was opened about, also when that was withdrawn meanwhile."""
    if token is None or token.publication is None:
        return None
    publications = Publication.objects.filter(village=village).defer("document")
    publication = (
        publications.select_related("period", "village")
        .filter(pk=token.publication)
        .first()
    )
    if publication is None:
        return None
    entry = None
    if token.entry:
        entry = _lines(token.household).filter(village=village, pk=token.entry).first()
    return _Subject(publication, entry)


def _lines(household):
    sources = ["", "reverses__", "repairs__"]
    # What a merge brought along was given or taken for deeds of the other book.
    lines = Entry.objects.filter(household=household, kind__in=Entry.SCORING)
    return lines.exclude(kind=Entry.Kind.MERGE).select_related(
        "household", "period", *(f"{source}deed__item" for source in sources)
    )


def _publication_of(entry: Entry) -> Publication | None:
    published = Publication.objects.of(entry.village).defer("document")
    return published.filter(period=entry.period_id).first()


def _source(entry: Entry) -> Entry:
    """Return what an entry undoes or repairs, else itself."""
    return entry.reverses or entry.repairs or entry
