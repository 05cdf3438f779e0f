"""Form of a range of days, the base of every filter by date."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils import timezone


def _within_centuries(moment: dt.datetime) -> None:
    # Others overflow once they are told in another time zone.
    if not 1900 <= moment.year <= 2100:
        raise forms.ValidationError(f"Expected a time between 1900 and 2100; got {moment:%Y-%m-%d}.")


class DaysForm(forms.Form):
    """A range of days, both ends included, in the time zone of whoever asks.

    `begin` and `finish`, in addresses `from` and `to`, narrow it to moments, as links from charts do.
    """

    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))
    begin = forms.DateTimeField(required=False, label="From", widget=forms.HiddenInput, validators=[_within_centuries])
    finish = forms.DateTimeField(required=False, label="To", widget=forms.HiddenInput, validators=[_within_centuries])

    def add_prefix(self, field_name: str) -> str:
        return {"begin": "from", "finish": "to"}.get(field_name, field_name)

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", f"This is before the first day, {since:%Y-%m-%d}.")

    @property
    def start(self) -> dt.datetime | None:
        sides = (_midnight(self.cleaned_data.get("since")), self.cleaned_data.get("begin"))
        return max(filter(None, sides), default=None)

    @property
    def end(self) -> dt.datetime | None:
        """The midnight that ends the last day, or the earlier moment that was asked for."""
        until = self.cleaned_data.get("until")
        midnight = _midnight(until + dt.timedelta(days=1)) if until and until < dt.date.max else None
        return min(filter(None, (midnight, self.cleaned_data.get("finish"))), default=None)

    @property
    def moments(self) -> tuple[dt.datetime | None, dt.datetime | None] | None:
        """The moments asked for, in the time zone of whoever asks; None where there are none."""
        asked = (self.cleaned_data.get("begin"), self.cleaned_data.get("finish"))
        return tuple(moment and timezone.localtime(moment) for moment in asked) if any(asked) else None


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min)) if day else None
