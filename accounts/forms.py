"""Forms of the set-up, sign-up, the user's account and the site's settings."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.contrib import messages
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect

from accounts import services
from accounts.errors import AccountsError
from accounts.models import RETENTION_CHOICES, SiteSettings, User
from accounts.signup.allauth_adapter import SESSION_KEY, pending_invitation
from accounts.time_zones import find_zone, zone_choices
from accounts.tokens.services import revoke_all_tokens

PASSWORD_HELP = "At least 8 characters. A few unrelated words make a good one."  # noqa: S105


class SetupForm(forms.Form):
    """The first administrator's account and the site's settings."""

    email = forms.EmailField(label="Email", max_length=254, widget=forms.EmailInput({"autocomplete": "username"}))
    password1 = forms.CharField(
        label="Password",
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="The same password again", strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    sign_up = forms.ChoiceField(
        label="Who else may sign up?",
        choices=SiteSettings.SignUp,
        initial=SiteSettings.SignUp.CLOSED,
        help_text="You can change this later.",
        widget=forms.RadioSelect,
    )
    purpose = forms.ChoiceField(
        label="What will this site be used for?", choices=SiteSettings.Purpose, widget=forms.RadioSelect
    )
    uses_confirmed = forms.BooleanField(
        label="This site will not be used to infer the emotions of people at work or in education.",
        error_messages={"required": "Without this confirmation the site cannot be set up."},
    )

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email=email).exists():
            raise ValidationError("Somebody already has an account with this address.", code="unique")
        return email

    def clean_purpose(self) -> str:
        purpose: str = self.cleaned_data["purpose"]
        if purpose in SiteSettings.BANNED_PURPOSES:
            raise ValidationError(
                "This site cannot be set up for that. People at work or in education can hardly refuse, which is why "
                "the European Union bans it (AI Act, Art. 5(1)(f)); this project allows it nowhere.",
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
            raise ValidationError("The two passwords are not the same.", code="password_mismatch")
        return second


class RetentionForm(forms.Form):
    """How long a user's photos, sessions and videos are stored."""

    days = forms.TypedChoiceField(
        label="Keep what I add",
        choices=[("", "until I delete it"), *((days, f"for {words}") for days, words in RETENTION_CHOICES)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    keep_scores = forms.BooleanField(
        label="Keep the scores, drop the pictures",
        required=False,
        help_text="After that time photos and annotated videos go; results, live sessions and charts stay.",
    )


class QuotaForm(forms.Form):
    quota_megabytes = forms.IntegerField(
        label="Megabytes each person may keep",
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        help_text="Photos and annotated videos count. Empty: as much as the disk holds. One person may be allowed more "
        "or less in the admin, under Users.",
    )


class AddEmailForm(allauth_forms.AddEmailForm):
    def clean_email(self) -> str:
        email: str = super().clean_email()
        # allauth would accept another account's address here and fail later.
        if User.objects.filter(email=email).exclude(pk=self.user.pk).exists():
            raise ValidationError("Somebody else signs in with this address.", code="unique")
        return email


class _ShortPasswordHelp:
    """Replaces the list of password rules with one line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PASSWORD_HELP  # type: ignore[attr-defined]


class _RevokesTokens(forms.Form):
    """Offers to revoke all API tokens with the old password; other sessions end in any case."""

    revoke_tokens = forms.BooleanField(
        label="Revoke all my API tokens too",
        required=False,
        help_text="Do so if somebody else may have had the old password. Other browsers are signed out in any case.",
    )

    def save(self) -> None:
        super().save()  # type: ignore[misc]
        if self.cleaned_data["revoke_tokens"]:
            revoke_all_tokens(user=self.user)  # type: ignore[attr-defined]


class ChangePasswordForm(_ShortPasswordHelp, _RevokesTokens, allauth_forms.ChangePasswordForm):
    field_order = ("oldpassword", "password1", "password2", "revoke_tokens")


class SetPasswordForm(_ShortPasswordHelp, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_ShortPasswordHelp, _RevokesTokens, allauth_forms.ResetPasswordKeyForm):
    field_order = ("password1", "password2", "revoke_tokens")

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
            self.fields["email"].help_text = "The address your invitation was made for."

    def clean_email(self) -> str:
        email = super().clean_email()
        if self.invitation and self.invitation.email and email != self.invitation.email:
            raise ValidationError(
                f"The invitation is for {self.invitation.email}; sign up with that address.", code="invitation"
            )
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
    sign_up = forms.ChoiceField(label="Who may sign up", choices=SiteSettings.SignUp, widget=forms.RadioSelect)


class SecondFactorForm(forms.Form):
    second_factor = forms.ChoiceField(
        label="Who needs one",
        choices=SiteSettings.SecondFactor,
        widget=forms.RadioSelect,
        help_text="A code from an app, a passkey or a security key. Until they have one, only its set-up is open to "
        "them; API tokens go on working.",
    )


class TimeZoneForm(forms.Form):
    time_zone = forms.CharField(
        label="Time zone",
        max_length=64,
        widget=forms.Select,
        help_text="Days begin and hours are told as they are there. Nothing that is kept changes with it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = zone_choices()
        chosen = self["time_zone"].value()
        # A browser may report an old name, which is not in the list.
        if chosen and not any(chosen == name for _, zones in choices for name, _ in zones):
            choices = [("Chosen", [(chosen, chosen)]), *choices]
        self.fields["time_zone"].widget.choices = choices

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"]
        if find_zone(name) is None:
            raise ValidationError(f"Expected a time zone's name such as Europe/Berlin; got “{name}”.", code="unknown")
        return name


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label="For this address only",
        required=False,
        max_length=254,
        help_text="Leave it empty for a link that works with any address.",
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label="Valid for", coerce=int, choices=[(1, "1 day"), (7, "7 days"), (30, "30 days")], initial=7
    )


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)
