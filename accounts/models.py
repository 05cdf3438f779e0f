"""Users, API tokens, the site's settings and invitations."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken, AuthTokenManager

from accounts.security.models import SecurityEvent  # noqa: F401  # its model belongs to this app
from accounts.time_zones import find_zone

RETENTION_CHOICES = [(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("1 year"))]


class UserManager(BaseUserManager["User"]):
    """Identifies users by lower-case e-mail address."""

    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize_email(username))

    def administrators(self) -> models.QuerySet[User]:
        return self.filter(is_superuser=True, is_active=True)

    def newest_first(self) -> models.QuerySet[User]:
        return self.order_by("-date_joined", "-pk")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not self.normalize_email(email):
            raise ValueError(f"email: expected an address; got {email!r}")
        user = self.model(email=email, **{"is_staff": False, "is_superuser": False, **fields})
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class User(AbstractUser):
    """User who signs in with an e-mail address and a password."""

    username = None
    email = models.EmailField(
        _("email address"),
        unique=True,
        error_messages={"unique": _("An account with this email address already exists.")},
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        help_text=_("For example Europe/Berlin. Empty until their browser has reported one."),
    )
    language = models.CharField(
        _("language"),
        max_length=16,
        blank=True,
        db_default="",
        help_text=_("For example pt-br. Empty: the language of their browser, or else of the site."),
    )
    retention_days = models.PositiveSmallIntegerField(
        _("retention period"),
        null=True,
        blank=True,
        choices=RETENTION_CHOICES,
        help_text=_("Empty: what they add is kept until they delete it."),
    )
    keep_scores = models.BooleanField(
        _("delete the pictures only"),
        default=False,
        help_text=_("Photos and annotated videos are deleted then; results, live sessions and charts are kept."),
    )
    email_notices_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("They get emails about videos and training runs that ended after this; empty: no emails."),
    )
    quota_megabytes = models.PositiveIntegerField(
        _("storage in megabytes"),
        null=True,
        blank=True,
        help_text=_("Empty: the limit in the site’s settings."),
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            # With unique=True: one account per address in any case, on every database.
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=~Q(email=""), name="user_email_is_there"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def zone(self) -> dt.tzinfo:
        """Time zone of the user's days and hours."""
        return find_zone(self.time_zone) or timezone.get_default_timezone()

    @property
    def wants_email_notices(self) -> bool:
        """Whether they are told by e-mail of videos and training runs that ended."""
        return self.email_notices_since is not None

    @property
    def quota(self) -> int | None:
        """Maximum size of the user's files in bytes, None for no limit."""
        megabytes = self.quota_megabytes
        if megabytes is None:
            megabytes = SiteSettings.objects.current().quota_megabytes
        return None if megabytes is None else megabytes * 1_000_000

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = UserManager.normalize_email(self.email)
        super().save(*args, **kwargs)


class Purge(models.Model):
    """A day whose purge is complete."""

    day = models.DateField(unique=True)
    began_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Purge of {self.day}"


class AccountDeletion(models.Model):
    """An account being deleted: locked since `requested_at`, without rows since `emptied_at`.

    `pseudonym` replaces the user in the audit log. The row is deleted once the database's files are erased.
    """

    user = models.OneToOneField(User, models.SET_NULL, null=True, related_name="deletion")
    pseudonym = models.CharField(max_length=40)
    requested_at = models.DateTimeField(default=timezone.now)
    emptied_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Deletion of {self.pseudonym}"


class SiteSettingsManager(models.Manager["SiteSettings"]):
    def current(self) -> SiteSettings:
        """Return the saved row, or one with the defaults."""
        return self.filter(pk=SiteSettings.ONLY_ID).first() or SiteSettings(pk=SiteSettings.ONLY_ID)


class SiteSettings(models.Model):
    """Settings chosen by administrators; at most one row."""

    ONLY_ID = 1

    class SignUp(models.TextChoices):
        CLOSED = "closed", _("Closed: only administrators create accounts")
        INVITATION = "invitation", _("By invitation: anybody with a link created here")
        OPEN = "open", _("Open: anybody who can reach this site")

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ID, editable=False)
    sign_up = models.CharField(_("who can sign up"), max_length=10, choices=SignUp, default=SignUp.CLOSED)

    class Purpose(models.TextChoices):
        PRIVATE = "private", _("For myself, my family and friends")
        RESEARCH = "research", _("Research with people who agreed to take part")
        OTHER = "other", _("Something else, with people who know and agree")
        WORK = "work", _("People at work: staff, applicants, call centres")
        EDUCATION = "education", _("People in education: pupils, students, trainees, exams")

    BANNED_PURPOSES = (Purpose.WORK, Purpose.EDUCATION)

    class SecondFactor(models.TextChoices):
        OPTIONAL = "optional", _("Nobody: each person decides")
        STAFF = "staff", _("Administrators and other staff")
        EVERYBODY = "everybody", _("Everybody")

    second_factor = models.CharField(
        _("who has to use two-step verification"), max_length=9, choices=SecondFactor, default=SecondFactor.OPTIONAL
    )
    quota_megabytes = models.PositiveIntegerField(
        _("storage for each person, in megabytes"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    purpose = models.CharField(_("what it is used for"), max_length=9, choices=Purpose, blank=True)
    uses_confirmed_at = models.DateTimeField(
        _("banned uses ruled out at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When an administrator confirmed that the site will not infer emotions at work or in education."),
    )

    objects = SiteSettingsManager()

    class Meta:
        verbose_name = verbose_name_plural = _("site settings")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="site_settings_one_row"),
            models.CheckConstraint(
                condition=Q(sign_up__in=["closed", "invitation", "open"]), name="site_settings_sign_up_known"
            ),
        ]

    def __str__(self) -> str:
        return gettext("Site settings")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> InvitationQuerySet:
        """Invitations that are neither used nor expired."""
        return self.filter(used_at=None, expires_at__gt=timezone.now())

    def with_token(self, token: str) -> InvitationQuerySet:
        return self.filter(token_hash=hash_token(token))

    def newest_first(self) -> InvitationQuerySet:
        return self.select_related("used_by", "created_by").order_by("-created_at", "-pk")


class Invitation(models.Model):
    """Lets one person sign up once until it expires; of its link's token only the hash is stored."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField(
        _("email address"), blank=True, help_text=_("Only this address can use the invitation; empty: any address.")
    )
    created_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        related_name="invitations_made",
        editable=False,
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    # used_by becomes NULL when that account is deleted; a used invitation stays used.
    used_at = models.DateTimeField(_("used at"), null=True, blank=True, editable=False)
    used_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitations_used",
        editable=False,
        verbose_name=_("used by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=Q(used_by=None) | Q(used_at__isnull=False), name="invitation_used_by_needs_used_at"
            ),
        ]

    def __str__(self) -> str:
        if self.email:
            return gettext("Invitation for %(email)s") % {"email": self.email}
        return gettext("Invitation for any address")

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> ApiTokenQuerySet:
        """Unexpired tokens of active users, with their users."""
        unexpired = Q(expiry=None) | Q(expiry__gt=timezone.now())
        return self.filter(unexpired, user__is_active=True).select_related("user")

    def owned_by(self, user: models.Model) -> ApiTokenQuerySet:
        return self.filter(user=user)

    def newest_first(self) -> ApiTokenQuerySet:
        return self.order_by("-created", "-pk")


class ApiToken(AbstractAuthToken):
    """Lets a program act for a user; of its secret only the hash is stored. Deleting the row revokes it."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    last_used_at = models.DateTimeField(null=True, blank=True)

    # Knox's `create` returns the token and its secret.
    objects = AuthTokenManager.from_queryset(ApiTokenQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="api_token_scope_known"),
            models.UniqueConstraint(fields=["user", "name"], name="api_token_name_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.user})"

    @property
    def has_expired(self) -> bool:
        return self.expiry is not None and self.expiry <= timezone.now()


def hash_token(token: str) -> str:
    """Return a token's SHA-256 in hexadecimal, unsalted because tokens are long and random."""
    return hashlib.sha256(token.encode()).hexdigest()
