"""Forms that make a link and that open one with a password."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from analysis.sharing.models import SharedLink
from analysis.sharing.services import TITLE_MAX

DAYS = {1: "1 day", 7: "1 week", 30: "30 days", 90: "90 days", 365: "1 year"}
_SHOWS_OF_SESSION = [("picture", "The video with its faces marked, and the numbers"), ("numbers", "The numbers only")]


class ShareForm(forms.Form):
    shows = forms.ChoiceField(label="What it shows", choices=SharedLink.Shows.choices, widget=forms.RadioSelect)
    days = forms.TypedChoiceField(label="It works for", choices=list(DAYS.items()), coerce=int, initial=7)
    title = forms.CharField(
        required=False, max_length=TITLE_MAX, help_text="Shown above it. File names, notes and your name are not shown."
    )
    password = forms.CharField(
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Asked for before anything is shown. Tell it by another way than the link.",
    )

    def __init__(self, *args: Any, kind: str, has_picture: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shows = self.fields["shows"]
        if kind == "session":
            shows.choices = _SHOWS_OF_SESSION
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
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
