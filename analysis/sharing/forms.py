"""Forms that make a link and that open one with a password."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis.sharing.models import SharedLink
from analysis.sharing.services import TITLE_MAX

DAYS = {1: _("1 day"), 7: _("1 week"), 30: _("30 days"), 90: _("90 days"), 365: _("1 year")}
_PICTURES = {
    "photo": _("The photo and its results"),
    "session": _("The video with marked faces, and its results"),
    "album": _("The photos and their results"),
}
"""What a link to one of that kind shows, where it shows pictures."""


class ShareForm(forms.Form):
    shows = forms.ChoiceField(label=_("What visitors see"), choices=SharedLink.Shows.choices, widget=forms.RadioSelect)
    days = forms.TypedChoiceField(label=_("Expires after"), choices=list(DAYS.items()), coerce=int, initial=7)
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=TITLE_MAX,
        help_text=_("Shown at the top of the page. File names, notes and your name are not shown."),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Visitors must enter it first. Do not send it together with the link."),
    )

    def __init__(self, *args: Any, kind: str, has_picture: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shows = self.fields["shows"]
        shows.choices = [("picture", _PICTURES[kind]), ("numbers", _("The results only"))]
        if not has_picture:
            del self.fields["shows"]
        else:
            shows.initial = SharedLink.Shows.PICTURE

    @property
    def values(self) -> dict[str, Any]:
        """Arguments of `services.create_link`."""
        values = dict(self.cleaned_data)
        expires_at = timezone.now() + dt.timedelta(days=values.pop("days"))
        return {"shows": SharedLink.Shows.NUMBERS, **values, "expires_at": expires_at}


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
