from uuid import uuid4

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.querysets import (
    AuditEventQuerySet,
    HouseholdQuerySet,
    StewardshipQuerySet,
    TownshipQuerySet,
    VillageQuerySet,
)
from households.roles import Role
from households.scoping import VillageScopedQuerySet

slug_validator = RegexValidator(
    r"\A[a-z][a-z0-9-]*\Z",
    _("Use small letters, digits and hyphens, beginning with a letter."),
)


def new_secret():
    return get_random_string(43)


class Township(models.Model):
    """A town that looks after several villages."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.CharField(
        _("short name in addresses"),
        max_length=40,
        unique=True,
        validators=[slug_validator],
    )

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("township")
        verbose_name_plural = _("townships")

    def __str__(self):
        return self.name


class Village(models.Model):
    """The community that keeps one ledger; the boundary of access."""

    township = models.ForeignKey(
        Township, models.PROTECT, related_name="villages", verbose_name=_("township")
    )
    name = models.CharField(_("name"), max_length=60)
    slug = models.CharField(
        _("short name in addresses"),
        max_length=40,
        unique=True,
        validators=[slug_validator],
    )
    position = models.PositiveSmallIntegerField(
        _("place in the township's list"),
        default=0,
        help_text=_("The fixed order of the township; never an order by points."),
    )
    supervision_phone = models.CharField(
        _("supervision phone"), max_length=30, blank=True
    )
    is_demo = models.BooleanField(_("demonstration data"), default=False)
    genesis = models.CharField(
        max_length=64, default=new_secret, editable=False, unique=True
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("village")
        verbose_name_plural = _("villages")
        constraints = [
            models.UniqueConstraint(
                fields=["township", "name"],
                name="households_village_unique_name_in_township",
                violation_error_message=_("This township already has that village."),
            )
        ]

    def __str__(self):
        return self.name


def within(low, high):
    return [MinValueValidator(low), MaxValueValidator(high)]


class VillagePolicy(models.Model):
    """The numbers a village has decided for its own scheme."""

    village = models.OneToOneField(
        Village, models.PROTECT, related_name="policy", verbose_name=_("village")
    )
    base_points = models.PositiveSmallIntegerField(
        _("base points a year"), default=60, validators=within(0, 1000)
    )
    cut_off_day = models.PositiveSmallIntegerField(
        _("cut-off day of the month"),
        default=31,
        validators=within(20, 31),
        help_text=_("31 means the last day of the month."),
    )
    backdating_days = models.PositiveSmallIntegerField(
        _("days a deed may be recorded late"), default=60, validators=within(0, 366)
    )
    notice_days = models.PositiveSmallIntegerField(
        _("days on notice"), default=5, validators=within(3, 15)
    )
    ranked_places = models.PositiveSmallIntegerField(
        _("ranks on the public board"), default=20, validators=within(0, 20)
    )
    deduction_cell = models.PositiveSmallIntegerField(
        _("fewest households behind a public deduction line"),
        default=3,
        validators=within(3, 50),
    )
    smallest_redemption = models.PositiveSmallIntegerField(
        _("smallest redemption"), default=10, validators=within(1, 1000)
    )
    award_places = models.PositiveSmallIntegerField(
        _("households on the honor roll"), default=24, validators=within(0, 200)
    )
    full_names_decision = models.CharField(
        _("decision to print full names"),
        max_length=200,
        blank=True,
        help_text=_(
            "Meeting, date and vote. Left empty, names are masked on the board."
        ),
    )

    objects = VillageScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("village policy")
        verbose_name_plural = _("village policies")
        constraints = [
            models.CheckConstraint(
                name="households_policy_numbers_in_range",
                condition=Q(base_points__lte=1000)
                & Q(cut_off_day__range=(20, 31))
                & Q(notice_days__range=(3, 15))
                & Q(ranked_places__lte=20)
                & Q(deduction_cell__gte=3),
            )
        ]

    def __str__(self):
        return str(self.village)


class User(AbstractUser):
    """A named person with an account."""

    household = models.ForeignKey(
        "Household",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("own household"),
        help_text=_("Nobody decides the deeds of their own household."),
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self):
        return self.get_full_name() or self.username

    def get_full_name(self):
        return f"{self.last_name}{self.first_name}".strip()

    def has_perm(self, perm, obj=None):
        """Ask the role table, also for superusers, who may not do everything."""
        return self.is_active and any(
            backend.has_perm(self, perm, obj)
            for backend in get_backends()
            if hasattr(backend, "has_perm")
        )

    def has_module_perms(self, app_label):
        return self.is_active and any(
            backend.has_module_perms(self, app_label)
            for backend in get_backends()
            if hasattr(backend, "has_module_perms")
        )


class Stewardship(models.Model):
    """One role of one person in one village or township, from a day to a day."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="stewardships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    village = models.ForeignKey(
        Village,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stewardships",
        verbose_name=_("village"),
    )
    township = models.ForeignKey(
        Township,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stewardships",
        verbose_name=_("township"),
    )
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = StewardshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("stewardship")
        verbose_name_plural = _("stewardships")
        constraints = [
            models.CheckConstraint(
                name="households_stewardship_in_one_place",
                condition=Q(role=Role.TOWNSHIP, village=None, township__isnull=False)
                | (~Q(role=Role.TOWNSHIP) & Q(village__isnull=False, township=None)),
                violation_error_message=_(
                    "Township staff serve a township; every other role one village."
                ),
            ),
            models.UniqueConstraint(
                fields=["village", "user", "role"],
                condition=Q(ended_at=None),
                name="households_stewardship_once_in_village",
                violation_error_message=_("This person already has that role."),
            ),
            models.UniqueConstraint(
                fields=["township", "user", "role"],
                condition=Q(ended_at=None),
                name="households_stewardship_once_in_township",
                violation_error_message=_("This person already has that role."),
            ),
        ]

    def __str__(self):
        return f"{self.user_id} · {self.get_role_display()}"


class VillagerGroup(models.Model):
    """A part of a village: 1社, 2组."""

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="groups", verbose_name=_("village")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=30)

    objects = VillageScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("villager group")
        verbose_name_plural = _("villager groups")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="households_group_unique_number_in_village",
                violation_error_message=_("This village already has that group."),
            ),
            models.UniqueConstraint(
                fields=["village", "name"],
                name="households_group_unique_name_in_village",
                violation_error_message=_("This village already has that group."),
            ),
        ]

    def __str__(self):
        return self.name


class Household(models.Model):
    """What earns and spends points: a family, known by its number and its head."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Living here")
        AWAY = "away", _("Away all year")
        LEFT = "left", _("Moved out")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="households", verbose_name=_("village")
    )
    group = models.ForeignKey(
        VillagerGroup,
        models.PROTECT,
        related_name="households",
        verbose_name=_("villager group"),
    )
    number = models.CharField(_("household number"), max_length=20)
    head_name = models.CharField(_("head of household"), max_length=30)
    phone = models.CharField(
        _("phone"), max_length=30, blank=True, help_text=_("Only village staff see it.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.ACTIVE
    )
    full_name_consented_on = models.DateField(
        _("agreed to show the full name on"), null=True, blank=True
    )
    # The salt of this household's commitments; erasing it makes them opaque.
    secret = models.CharField(max_length=64, default=new_secret, editable=False)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        permissions = [("import_roster", _("Can import the roster"))]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"],
                name="households_household_unique_number_in_village",
                violation_error_message=_(
                    "This village already has a household with that number."
                ),
            )
        ]
        indexes = [
            models.Index(fields=["village", "head_name"], name="households_by_head"),
        ]

    def __str__(self):
        return f"{self.number} {self.head_name}"


class ImportBatch(models.Model):
    """One uploaded sheet: read, shown back, then taken over whole or not at all."""

    class Kind(models.TextChoices):
        ROSTER = "roster", _("Roster")
        DEEDS = "deeds", _("Deeds")

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Being imported")
        IMPORTED = "imported", _("Imported")
        UNDONE = "undone", _("Undone")
        FAILED = "failed", _("Could not be read")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="imports", verbose_name=_("village")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.CHECKING
    )
    # None at the server's own console, where nobody has logged in.
    uploaded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    # Checked rows, what was dropped and what was refused. No cell of a column
    # that we do not keep ever gets here.
    rows = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)

    objects = VillageScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["village", "uploaded_at"], name="households_imports")
        ]

    def __str__(self):
        return self.file_name


class AuditEvent(AppendOnlyModel):
    """What somebody did, or was refused, and when."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    village = models.ForeignKey(
        Village, models.PROTECT, null=True, related_name="+", verbose_name=_("village")
    )
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))
    action = models.CharField(_("action"), max_length=60)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome, default=Outcome.DONE
    )
    facts = models.JSONField(_("facts"), default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = [models.Index(fields=["village", "at"], name="households_audit")]

    def __str__(self):
        return self.action
