"""Forms of the set-up, sign-up, the user's account and the site's settings."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

from allauth.account import forms as allauth_forms
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.errors import AccountsError
from accounts.models import RETENTION_CHOICES, SiteSettings, User
from accounts.signup.allauth_adapter import SESSION_KEY, pending_invitation
from accounts.time_zones import find_zone, zone_choices
from accounts.tokens.services import revoke_all_tokens

PASSWORD_HELP = _("At least 8 characters. A few unrelated words make a good password.")


NEW_PASSWORD_LABELS = {"password1": _("New password"), "password2": _("New password (again)")}


class SetupForm(forms.Form):
    """The first administrator's account and the site's settings."""

    email = forms.EmailField(label=_("Email"), max_length=254, widget=forms.EmailInput({"autocomplete": "username"}))
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Password (again)"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    sign_up = forms.ChoiceField(
        label=_("Who else can sign up?"),
        choices=SiteSettings.SignUp,
        initial=SiteSettings.SignUp.CLOSED,
        help_text=_("You can change this later."),
        widget=forms.RadioSelect,
    )
    purpose = forms.ChoiceField(
        label=_("What will this site be used for?"), choices=SiteSettings.Purpose, widget=forms.RadioSelect
    )
    uses_confirmed = forms.BooleanField(
        label=_("This site will not be used to infer the emotions of people at work or in education."),
        error_messages={"required": _("Confirm this to set up the site.")},
    )

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email=email).exists():
            raise ValidationError(gettext("An account with this email address already exists."), code="unique")
        return email

    def clean_purpose(self) -> str:
        purpose: str = self.cleaned_data["purpose"]
        if purpose in SiteSettings.BANNED_PURPOSES:
            raise ValidationError(
                gettext(
                    "This site cannot be set up for that purpose. The European Union bans it (AI Act, Art. 5(1)(f)), "
                    "because people at work or in education can hardly refuse. This project does not allow it anywhere."
                ),
                code="banned_purpose",
            )
        return purpose

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, User(email=self.cleaned_data.get("email", "")))
        return password

    def clean_password2(self) -> str:
        first, second = self.cleaned_data.get("password1"), self.cleaned_data["password2"]
        if first is not None and first != second:
            raise ValidationError(gettext("The passwords do not match."), code="password_mismatch")
        return second


class RetentionForm(forms.Form):
    """How long a user's photos, sessions and videos are stored."""

    days = forms.TypedChoiceField(
        label=_("Keep what I add"),
        choices=[("", _("Until I delete it")), *RETENTION_CHOICES],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    keep_scores = forms.BooleanField(
        label=_("Delete the pictures only"),
        required=False,
        help_text=_("Photos and annotated videos are deleted then; results, live sessions and charts are kept."),
    )


class QuotaForm(forms.Form):
    quota_megabytes = forms.IntegerField(
        label=_("Storage for each person, in megabytes"),
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        help_text=_(
            "Photos and annotated videos count. Leave this empty for no limit. "
            "To give one person more or less, open them in the admin under Users."
        ),
    )


class AddEmailForm(allauth_forms.AddEmailForm):
    def clean_email(self) -> str:
        email: str = super().clean_email()
        # allauth would accept another account's address here and fail later.
        if User.objects.filter(email=email).exclude(pk=self.user.pk).exists():
            raise ValidationError(gettext("Another account uses this email address."), code="unique")
        return email


class _ShortPasswordHelp:
    """Replaces the list of password rules with one line, and allauth's labels in capitals."""

    labels: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields  # type: ignore[attr-defined]
        fields["password1"].help_text = PASSWORD_HELP
        for name, label in self.labels.items():
            fields[name].label = label


class _RevokesTokens(forms.Form):
    """Offers to revoke all API tokens with the old password; other sessions end in any case."""

    revoke_tokens = forms.BooleanField(
        label=_("Also revoke all my API tokens"),
        required=False,
        help_text=_("Do this if somebody else may know the old password. Other browsers are signed out in any case."),
    )

    def save(self) -> None:
        super().save()  # type: ignore[misc]
        if self.cleaned_data["revoke_tokens"]:
            revoke_all_tokens(user=self.user)  # type: ignore[attr-defined]


class ChangePasswordForm(_ShortPasswordHelp, _RevokesTokens, allauth_forms.ChangePasswordForm):
    field_order = ("oldpassword", "password1", "password2", "revoke_tokens")
    labels: ClassVar[dict[str, Any]] = {"oldpassword": _("Current password"), **NEW_PASSWORD_LABELS}


class SetPasswordForm(_ShortPasswordHelp, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_ShortPasswordHelp, _RevokesTokens, allauth_forms.ResetPasswordKeyForm):
    field_order = ("password1", "password2", "revoke_tokens")
    labels = NEW_PASSWORD_LABELS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["revoke_tokens"].initial = True


class SignupForm(_ShortPasswordHelp, allauth_forms.SignupForm):
    """Sign-up, with the visitor's invitation if there is one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = pending_invitation(context.request)
        if self.invitation and self.invitation.email:
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].help_text = gettext("The address your invitation is for.")

    def clean_email(self) -> str:
        email = super().clean_email()
        if self.invitation and self.invitation.email and email != self.invitation.email:
            message = gettext("The invitation is for %(email)s. Sign up with that address.")
            raise ValidationError(message % {"email": self.invitation.email}, code="invitation")
        return email

    def save(self, request: HttpRequest) -> User:
        """Create the account and mark the invitation as used, in one transaction."""
        try:
            with transaction.atomic():
                user = super().save(request)
                if self.invitation:
                    services.use_invitation(invitation=self.invitation, user=user)
        except AccountsError as error:
            messages.error(request, error.message)
            raise ImmediateHttpResponse(redirect("account_signup")) from error
        request.session.pop(SESSION_KEY, None)
        return user

    def try_save(self, request: HttpRequest) -> tuple[User | None, Any]:
        """Sign up; for an address with an account do nothing that shows: the same work, the invitation used as well."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
            if self.invitation:
                with suppress(AccountsError):
                    services.use_invitation(invitation=self.invitation, user=None)
            request.session.pop(SESSION_KEY, None)
        return super().try_save(request)


class SignUpPolicyForm(forms.Form):
    sign_up = forms.ChoiceField(label=_("Who can sign up"), choices=SiteSettings.SignUp, widget=forms.RadioSelect)


class SecondFactorForm(forms.Form):
    second_factor = forms.ChoiceField(
        label=_("Who has to use it"),
        choices=SiteSettings.SecondFactor,
        widget=forms.RadioSelect,
        help_text=_(
            "A code from an app, a passkey or a security key. "
            "People without one can only open the page that sets it up; their API tokens keep working."
        ),
    )


class TimeZoneForm(forms.Form):
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        widget=forms.Select({"translate": "no"}),
        help_text=_("Dates and times are shown in this time zone. Stored data does not change."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = zone_choices()
        chosen = self["time_zone"].value()
        # A browser may report an old name, which is not in the list.
        if chosen and not any(chosen == name for _area, zones in choices for name, _place in zones):
            choices = [(gettext("Current"), [(chosen, chosen)]), *choices]
        self.fields["time_zone"].widget.choices = choices

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"]
        if find_zone(name) is None:
            message = gettext("“%(name)s” is not a time zone. An example of one is Europe/Berlin.")
            raise ValidationError(message % {"name": name}, code="unknown")
        return name


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), required=False, widget=forms.Select({"translate": "no"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As your browser asks")), *settings.LANGUAGES]


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=_("Only for this email address"),
        required=False,
        max_length=254,
        help_text=_("Leave this empty for a link that works with any address."),
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"), coerce=int, choices=[(1, _("1 day")), (7, _("7 days")), (30, _("30 days"))], initial=7
    )


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


class PasswordChangeForm(AdminPasswordChangeForm):
    """The admin's, whose help Django has in English only."""

    usable_password_help_text = _("If disabled, this user’s current password is deleted.")
