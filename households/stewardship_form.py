from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.models import Stewardship, User
from households.roles import Role
from households.scoped_admin import VillageForm, rows_where_allowed
from households.stewardships import roles_given_by


class StewardshipForm(VillageForm):
    """A role for somebody whose account name is known.

    The name is typed and never chosen from a list, which would show who works
    in other villages.
    """

    by: User
    username = forms.CharField(
        label=_("Account name"),
        max_length=150,
        help_text=_("Type the whole name with which the person logs in."),
    )

    class Meta:
        model = Stewardship
        fields = ["role", "village", "township"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "role" not in self.fields:
            return
        given = roles_given_by(self.by)
        self.fields["role"].choices = [
            (role.value, role.label) for role in Role if role in given
        ]
        if not self.by.is_superuser:
            self.fields["village"].required = True

    def clean_username(self):
        username = self.cleaned_data["username"].strip()
        person = User.objects.filter(
            username=username, is_active=True, is_superuser=False
        ).first()
        if person is None or not self._is_reachable(person):
            raise ValidationError(_("There is no such account."))
        if person == self.by:
            raise ValidationError(_("Nobody gives a role to themselves."))
        self.instance.user = person
        return username

    def clean(self):
        cleaned = super().clean()
        role, village = cleaned.get("role"), cleaned.get("village")
        if village and role and role not in roles_given_by(self.by, village):
            self.add_error("role", _("You cannot give this role in this village."))
        if self.instance.user_id and self._is_held(cleaned):
            self.add_error("role", _("This person already has that role."))
        return cleaned

    def _is_held(self, cleaned):
        place = {name: cleaned.get(name) for name in ("role", "village", "township")}
        held = Stewardship.objects.current().filter(user=self.instance.user_id)
        return held.filter(**place).exists()

    def _is_reachable(self, person):
        """Keep people of other villages unknown; a new account serves nowhere."""
        if self.by.is_superuser or not person.stewardships.exists():
            return True
        seen = rows_where_allowed(
            person.stewardships.all(), self.by, ["households.view_stewardship"]
        )
        return seen.exists()
