"""Form that creates an API token."""

from __future__ import annotations

import datetime as dt

from django import forms

from accounts.models import ApiToken

_NEVER = "never"
_EXPIRIES = [("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), (_NEVER, "Never, until you revoke it")]


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=60,
        help_text="What will use it, such as “Backup script”.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label="It may",
        initial=ApiToken.Scope.READ,
        choices=[
            (ApiToken.Scope.READ, "Read your photos, sessions, videos and history, and watch live without recording"),
            (ApiToken.Scope.WRITE, "Read, add, change and delete all of that, and record live sessions"),
        ],
        widget=forms.RadioSelect,
    )
    expires_in = forms.TypedChoiceField(
        label="Expires",
        choices=_EXPIRIES,
        initial="90",
        coerce=lambda days: None if days == _NEVER else dt.timedelta(days=int(days)),
        empty_value=None,
    )
