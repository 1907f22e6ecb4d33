"""我要申报: four questions, a look at the answers, and a receipt."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from households.masking import mask_name
from households.models import Household, Village
from ledger.models import Declaration
from ledger.operations import FiledAlready
from ledger.public.declare_form import DeclareForm
from ledger.public.drafts import (
    draft_of,
    drop_draft,
    has_draft,
    keep_draft,
    move_draft,
)
from ledger.public.form_tokens import FormToken, read_token
from ledger.public.noticeboard import Noticeboard
from ledger.public.passbook_pages import ask_for_card, household_of
from ledger.public.photo_limit import PhotoLimit
from ledger.public.resident_forms import (
    Place,
    household_of_form,
    is_too_fast,
    too_fast,
    too_many_from_here,
    too_old,
)
from ledger.public.tries import DAILY, note_try
from ledger.receiving import file_declaration
from ledger.refusals import Refused

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


@require_safe
def declared(request, slug, receipt):
    """Show a receipt; it is drawn from its address alone."""
    return Place(KIND, Noticeboard.of(slug).village).show_receipt(request, receipt)


@require_safe
def own_declared(request, receipt):
    """Show a receipt beside the passbook it came from."""
    household = household_of(request)
    if household is None:
        return ask_for_card(request)
    return Place.of(KIND, household).show_receipt(request, receipt)


class _Desk:
    """One form on its way: asked, looked at, filed."""

    def __init__(self, request, place, token, limit=None):
        self.request = request
        self.place = place
        self.is_ours = token is not None
        self.token = token or self._new_token()
        self.today = timezone.localdate()
        self.limit = limit

    def empty(self):
        return self._show(self._form())

    def answer(self, *, is_good):
        """Answer what was sent: with the questions, the answers, or the receipt."""
        request = self.request
        step = request.POST.get("step", "check")
        if is_too_fast(request):
            # Its photo is not even looked at.
            form = self._form(request.POST).without_errors()
            form.add_error(None, too_fast())
            return self._show(form, status=429)
        form = self._form(request.POST, request.FILES)
        if not (is_good and self.is_ours):
            form.without_errors()
            self._renew()
            self._keep_photo(form)
            form.add_error(None, too_old())
            return self._show(form)
        if form.is_trapped:
            return self._show(form.without_errors())
        form.full_clean()
        self._keep_photo(form)
        if form.cleaned_data.get("happened_on"):
            form.choose_day(form.cleaned_data["happened_on"])
        if step == "look":
            return self._show(form.without_errors())
        if step == "edit" or form.errors:
            return self._show(form)
        return self._file(form) if step == "file" else self._check(form)

    def _file(self, form):
        data, at = form.cleaned_data, timezone.now()
        stopped = too_many_from_here(self.request, KIND)
        if stopped and not self._is_filed():
            form.add_error(None, stopped)
            return self._show(form)
        try:
            declaration = file_declaration(
                data["household"],
                text=data["text"],
                happened_on=data["happened_on"],
                phone=data["phone"],
                photo=draft_of(self.token.key),
                key=self.token.key,
                at=at,
            )
        except FiledAlready as refused:
            self._renew()
            return self._check(form, problem=str(refused))
        except Refused as refused:
            form.add_error(None, str(refused))
            return self._show(form)
        if declaration.filed_at == at:
            note_try(self.request, DAILY + KIND)
        drop_draft(self.token.key)
        return self.place.give_receipt(self.request, declaration.number)

    def _is_filed(self):
        of_village = Declaration.objects.filter(village=self.place.village)
        return of_village.filter(key=self.token.key).exists()

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

    def _show(self, form, *, status=200):
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

    def _form(self, *sent):
        return DeclareForm(
            *sent,
            village=self.place.village,
            household=self.place.household,
            today=self.today,
            is_photo_too_large=bool(self.limit and self.limit.was_exceeded),
        )

    def _new_token(self):
        own = self.place.household
        return FormToken(KIND, self.place.village.pk, own and own.pk)

    def _renew(self):
        """Open the form anew with everything in it."""
        old, self.token = self.token, self._new_token()
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
