"""我有异议: to a month, a household or a line, with a receipt."""

from dataclasses import dataclass

from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from households.models import Household, Village
from households.typed_numbers import whole_number
from ledger import board as paper
from ledger.board import parse_month
from ledger.models import Deed, Entry, Objection, Publication
from ledger.objections import file_objection
from ledger.public.form_desk import FormDesk, receipt_pages
from ledger.public.form_tokens import FormToken, read_token
from ledger.public.noticeboard import Noticeboard
from ledger.public.objection_form import ObjectionForm
from ledger.public.passbook_pages import ask_for_card, household_of
from ledger.public.resident_forms import Place, household_of_form

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


objected, own_objected = receipt_pages(KIND)


class _Desk(FormDesk):
    """One objection on its way."""

    kind, files = KIND, Objection

    def __init__(self, request, place, subject, token):
        self.subject = subject
        super().__init__(request, place, token)

    def answer(self, *, is_good):
        return super().answer(is_good=is_good) if self.subject else self.show(None)

    def file(self, data, at):
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
        return filed.number, filed.filed_at == at

    def show(self, form, *, status=200):
        context = {"form": form, "token": self.token, "notice": None}
        if self.subject:
            context |= {"look": "look", "enter": "file"}
            context |= self.subject.facts
        return self.place.answer(
            self.request, "ledger/objection.html", context, status=status
        )

    def form(self, *sent):
        return ObjectionForm(
            *sent,
            village=self.place.village,
            household=self.place.household,
            entry=self.subject.entry if self.subject else None,
        )

    def new_token(self):
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
