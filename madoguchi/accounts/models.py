"""Accounts of staff, their roles, and the shared devices on which they sign in (仕様書 4(5)イ, 6)."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import Zone
from madoguchi.common import clock
from madoguchi.common.guards import no_long_digits
from madoguchi.common.privacy import Privacy


class User(AbstractBaseUser):
    """A member of staff of the contractor, a post office, the city or a ward. No mail address is needed."""

    username = models.CharField("ログインID", max_length=32, unique=True)
    display_name = models.CharField("氏名", max_length=60)
    organisation = models.CharField("所属", max_length=60)
    email = models.EmailField("メールアドレス", blank=True)
    # Who administers the account. Triggers refuse to change it, and a role of the other zone.
    zone = models.CharField(max_length=10)
    is_active = models.BooleanField("利用できる", default=True)
    # A made-up person of a training system, who signs in with one tap there.
    is_demo = models.BooleanField("架空の人", default=False)
    # The last working day; from the next day on the account is refused.
    leaves_on = models.DateField("利用できる最後の日", null=True, blank=True)
    # Sessions begun before this instant have ended (see get_session_auth_hash).
    session_revoked_at = models.DateTimeField(null=True, blank=True)
    start_code_hash = models.CharField(max_length=128, blank=True)
    start_code_expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    objects = BaseUserManager()

    privacy = Privacy(
        plain=(
            "id",
            "username",
            "display_name",
            "organisation",
            "email",
            "zone",
            "is_active",
            "is_demo",
            "leaves_on",
            "session_revoked_at",
            "start_code_expires_at",
            "created_at",
            "last_login",
        ),
        hashed=("password", "start_code_hash"),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_username_is_plain",
                condition=Q(username__regex=r"^[a-z][a-z0-9._-]{2,31}$"),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_zone_is_known", condition=Q(zone__in=[*Zone])
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_start_code_and_expiry_go_together",
                condition=Q(start_code_hash="", start_code_expires_at__isnull=True)
                | ~Q(start_code_hash="") & Q(start_code_expires_at__isnull=False),
            ),
            no_long_digits("username", name="accounts_user_username_has_no_long_digits"),
            no_long_digits("display_name", name="accounts_user_name_has_no_long_digits"),
            no_long_digits("organisation", name="accounts_user_organisation_has_no_long_digits"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_open(self) -> bool:
        """Whether the account is neither suspended nor past its last day."""
        return self.is_active and (self.leaves_on is None or clock.today() <= self.leaves_on)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Bind sessions to the password and the last revocation, so that Django ends them."""
        # Django offers no public hook that also serves its fallback keys.
        own = super()._get_session_auth_hash(secret)  # type: ignore[misc]  # missing from the stubs
        return f"{own}.{self.session_revoked_at or ''}"


class RoleGrant(models.Model):
    """One role of one person; revoked roles are in the audit trail."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=16)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=80)

    privacy = Privacy(plain=("id", "user", "role", "granted_at", "granted_by"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="%(app_label)s_%(class)s_is_given_once"),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_role_is_known",
                condition=Q(role__in=[role.value for role in Role]),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_granted_by_is_known", condition=~Q(granted_by="")
            ),
        ]


class OfficeAssignment(models.Model):
    """A member of staff works at an office, and sees its visitors only. The offices lie in a higher layer."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    office_code = models.CharField(max_length=16)

    privacy = Privacy(plain=("id", "user", "office_code"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "office_code"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_office_is_named", condition=~Q(office_code="")
            ),
        ]


class Device(models.Model):
    """A shared tablet of one office, or of the city. Its secret is in a cookie; the row has only the hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    label = models.CharField("端末の名前", max_length=40)
    # Who registered it and takes it back.
    zone = models.CharField(max_length=10)
    office_code = models.CharField("郵便局", max_length=16, blank=True)
    registered_at = models.DateTimeField()
    registered_by = models.CharField(max_length=80)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    secret_hash = models.CharField(max_length=64, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=80, blank=True)

    privacy = Privacy(
        plain=(
            "id",
            "label",
            "zone",
            "office_code",
            "registered_at",
            "registered_by",
            "code_expires_at",
            "enrolled_at",
            "revoked_at",
            "revoked_by",
        ),
        hashed=("code_hash", "secret_hash"),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_waits_for_its_code_or_is_enrolled",
                condition=~Q(code_hash="")
                & Q(code_expires_at__isnull=False, secret_hash="", enrolled_at__isnull=True)
                | Q(code_hash="", code_expires_at__isnull=True, enrolled_at__isnull=False)
                & ~Q(secret_hash=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_revoked_at_and_by_go_together",
                condition=Q(revoked_at__isnull=True, revoked_by="")
                | Q(revoked_at__isnull=False) & ~Q(revoked_by=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_of_an_office_or_of_the_city",
                condition=Q(zone=Zone.CONTRACTOR) & ~Q(office_code="") | Q(zone=Zone.CITY, office_code=""),
            ),
            no_long_digits("label", name="accounts_device_label_has_no_long_digits"),
        ]

    def __str__(self) -> str:
        return self.label


class Pin(models.Model):
    """The PIN of a person for enrolled devices, and the number of wrong entries."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="pin")
    hash = models.CharField(max_length=128)
    set_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(plain=("user", "set_at", "failures", "locked_until"), hashed=("hash",))

    class Meta:
        constraints = [
            models.CheckConstraint(name="%(app_label)s_%(class)s_has_a_hash", condition=~Q(hash="")),
        ]


class PartnerToken(models.Model):
    """A token of one partner, of which only the hash is kept. Revoked, never deleted."""

    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True)

    privacy = Privacy(
        plain=("id", "name", "created_at", "created_by", "revoked_at", "revoked_by"), hashed=("token_hash",)
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_has_a_name_and_a_hash",
                condition=~Q(name="") & ~Q(token_hash=""),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_revoked_at_and_by_go_together",
                condition=Q(revoked_at__isnull=True, revoked_by="")
                | Q(revoked_at__isnull=False) & ~Q(revoked_by=""),
            ),
            no_long_digits("name", name="accounts_partnertoken_name_has_no_long_digits"),
        ]

    def __str__(self) -> str:
        return self.name
