"""我要申报: four questions, a look at the answers, and a receipt."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from households.masking import mask_name
from households.models import Household, Village
from ledger.models import Declaration
from ledger.public.declare_form import DeclareForm
from ledger.public.drafts import (
    draft_of,
    drop_draft,
    has_draft,
    keep_draft,
    move_draft,
)
from ledger.public.form_desk import FormDesk, receipt_pages
from ledger.public.form_tokens import FormToken, read_token
from ledger.public.noticeboard import Noticeboard
from ledger.public.passbook_pages import ask_for_card, household_of
from ledger.public.photo_limit import PhotoLimit
from ledger.public.resident_forms import (
    Place,
    household_of_form,
    is_too_fast,
    too_fast,
    too_old,
)
from ledger.receiving import file_declaration

KIND = "declare"
KEPT_FIELDS = ["household", "text", "phone"]


# No page here knows its reader by a cookie, so no other site can act in their
# name; what Django's token is for, the signed token of the form does.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request, slug):
    """Let anybody declare a good deed of a household in a village."""
    village = Noticeboard.of(slug).village
    place = Place(KIND, village)
    if request.method != "POST":
        return _Desk(request, place, FormToken(KIND, village.pk)).empty()
    limit = _limit_photo(request)
    token, is_good = read_token(KIND, request.POST.get("token", ""))
    if token and (token.village != village.pk or token.household):
        token = None
    return _Desk(request, place, token, limit).answer(is_good=is_good)


# The passbook's cookie opens the form; what is sent rests on the form's own
# token, which no other site can read, and which outlives the half hour.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def own_declare(request):
    """Let a household declare its own good deed, from its passbook."""
    if request.method != "POST":
        household = household_of(request)
        if household is None:
            return ask_for_card(request)
        token = FormToken(KIND, household.village_id, household.pk)
        return _Desk(request, Place.of(KIND, household), token).empty()
    limit = _limit_photo(request)
    token, is_good = read_token(KIND, request.POST.get("token", ""))
    household = household_of(request)
    if token and is_good:
        household = household_of_form(token) or household
    if household:
        if token and token.household != household.pk:
            token = None
        return _Desk(request, Place.of(KIND, household), token, limit).answer(
            is_good=is_good
        )
    if token is None:
        return ask_for_card(request)
    # The card has to be scanned again; until then the village's own form keeps
    # what was typed.
    village = Village.objects.select_related("policy").get(pk=token.village)
    return _Desk(request, Place(KIND, village), None, limit).answer(is_good=False)


declared, own_declared = receipt_pages(KIND)


class _Desk(FormDesk):
    """One declaration on its way; its answers are shown once more before filing."""

    kind, files = KIND, Declaration

    def __init__(self, request, place, token, limit=None):
        super().__init__(request, place, token)
        self.today = timezone.localdate()
        self.limit = limit

    def answer(self, *, is_good):
        """Answer what was sent: with the questions, the answers, or the receipt."""
        request = self.request
        step = request.POST.get("step", "check")
        if is_too_fast(request):
            # Its photo is not even looked at.
            form = self.form(request.POST).without_errors()
            form.add_error(None, too_fast())
            return self.show(form, status=429)
        form = self.form(request.POST, request.FILES)
        if not (is_good and self.is_ours):
            form.without_errors()
            self.renew()
            self._keep_photo(form)
            form.add_error(None, too_old())
            return self.show(form)
        if form.is_trapped:
            return self.show(form.without_errors())
        form.full_clean()
        self._keep_photo(form)
        if form.cleaned_data.get("happened_on"):
            form.choose_day(form.cleaned_data["happened_on"])
        if step == "look":
            return self.show(form.without_errors())
        if step == "edit" or form.errors:
            return self.show(form)
        return self.enter(form) if step == "file" else self._check(form)

    def file(self, data, at):
        filed = file_declaration(
            data["household"],
            text=data["text"],
            happened_on=data["happened_on"],
            phone=data["phone"],
            photo=draft_of(self.token.key),
            key=self.token.key,
            at=at,
        )
        drop_draft(self.token.key)
        return filed.number, filed.filed_at == at

    def show_filed_already(self, form, problem):
        return self._check(form, problem=problem)

    def _check(self, form, *, problem=""):
        data = form.cleaned_data
        return self.place.answer(
            self.request,
            "ledger/declare_check.html",
            {
                "problem": problem,
                "look": "check",
                "enter": "check",
                "token": self.token,
                "who": _who(data["household"], is_own=self.place.is_own),
                "text": data["text"],
                "happened_on": data["happened_on"],
                "phone": data["phone"],
                "has_photo": has_draft(self.token.key),
                "kept": [(name, form.data.get(name, "")) for name in KEPT_FIELDS],
            },
        )

    def show(self, form, *, status=200):
        own = self.place.household
        return self.place.answer(
            self.request,
            "ledger/declare.html",
            {
                "form": form,
                "look": "look",
                "enter": "check",
                "token": self.token,
                "who": _who(own, is_own=True) if own else "",
                "has_photo": has_draft(self.token.key),
            },
            status=status,
        )

    def _keep_photo(self, form):
        data = form.cleaned_data
        if data.get("no_photo"):
            drop_draft(self.token.key)
        if data.get("photo") and not keep_draft(self.token.key, data["photo"]):
            form.add_error(
                "photo",
                _("There is no room for photos now. Declare without one."),
            )

    def form(self, *sent):
        return DeclareForm(
            *sent,
            village=self.place.village,
            household=self.place.household,
            today=self.today,
            is_photo_too_large=bool(self.limit and self.limit.was_exceeded),
        )

    def renew(self):
        old = self.token
        super().renew()
        move_draft(old.key, self.token.key)


def _who(household: Household, *, is_own: bool) -> str:
    """Name a household to who declares for it; others see no more than the board."""
    name = household.head_name if is_own else mask_name(household.head_name)
    return _("%(group)s · No. %(number)s · %(name)s") % {
        "group": household.group,
        "number": household.number,
        "name": name,
    }


def _limit_photo(request) -> PhotoLimit:
    limit = PhotoLimit()
    request.upload_handlers.insert(0, limit)
    return limit
