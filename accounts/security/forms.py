"""allauth's forms of two-step verification with this site's labels."""

from __future__ import annotations

from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from allauth.mfa.webauthn.forms import EditWebAuthnForm as AllauthEditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class ActivateTOTPForm(AllauthActivateTOTPForm):
    code = forms.CharField(
        label=_("Code from the app"), widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )


class AddWebAuthnForm(AllauthAddWebAuthnForm):
    name = forms.CharField(label=_("Name"), required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it instead of the password"),
        required=False,
        help_text=_("This makes it a passkey, which asks for your fingerprint, your face or a PIN."),
    )


class EditWebAuthnForm(AllauthEditWebAuthnForm):
    name = forms.CharField(label=_("Name"))
