"""Form that creates an API token."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken

_NEVER = "never"
_EXPIRIES = [
    ("30", _("In 30 days")),
    ("90", _("In 90 days")),
    ("365", _("In 1 year")),
    (_NEVER, _("Never")),
]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("What will use the token, for example “Backup script”."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label=_("Access"),
        initial=ApiToken.Scope.READ,
        choices=[
            (
                ApiToken.Scope.READ,
                _("Read your photos, sessions, videos and history, and analyse live without recording"),
            ),
            (ApiToken.Scope.WRITE, _("Also add, change and delete all of these, and record live sessions")),
        ],
        widget=forms.RadioSelect,
    )
    expires_in = forms.TypedChoiceField(
        label=_("Expires"),
        choices=_EXPIRIES,
        initial="90",
        coerce=lambda days: None if days == _NEVER else dt.timedelta(days=int(days)),
        empty_value=None,
    )
