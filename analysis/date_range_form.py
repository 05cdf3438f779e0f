"""Form of a range of days, the base of every filter by date."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ADDED, TAKEN = "added", "taken"
DATES_CHOICES = [(ADDED, _("Date added")), (TAKEN, _("Date taken"))]
"""Which time of a photo dates are about; one that nobody knows when it was taken is dated by when it was added."""


def _validate_year(moment: dt.datetime) -> None:
    # Extreme times overflow when converted to another time zone.
    if not 1900 <= moment.year <= 2100:
        raise forms.ValidationError(gettext("Choose a date from 1900 to 2100."))


class DaysForm(forms.Form):
    """A range of days, both included, in the current time zone.

    `begin` and `finish`, in URLs `from` and `to`, narrow it to times, for links from charts.
    """

    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))
    begin = forms.DateTimeField(required=False, label=_("From"), widget=forms.HiddenInput, validators=[_validate_year])
    finish = forms.DateTimeField(required=False, label=_("To"), widget=forms.HiddenInput, validators=[_validate_year])

    def add_prefix(self, field_name: str) -> str:
        return {"begin": "from", "finish": "to"}.get(field_name, field_name)

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            text = gettext("This date is before the first day, %(day)s.")
            self.add_error("until", text % {"day": date_format(since)})

    @property
    def start(self) -> dt.datetime | None:
        sides = (_midnight(self.cleaned_data.get("since")), self.cleaned_data.get("begin"))
        return max(filter(None, sides), default=None)

    @property
    def end(self) -> dt.datetime | None:
        """The end of the last day, or `finish` where that is earlier."""
        until = self.cleaned_data.get("until")
        midnight = _midnight(until + dt.timedelta(days=1)) if until and until < dt.date.max else None
        return min(filter(None, (midnight, self.cleaned_data.get("finish"))), default=None)

    @property
    def moments(self) -> tuple[dt.datetime | None, dt.datetime | None] | None:
        """`begin` and `finish` in the current time zone, None without both."""
        times = (self.cleaned_data.get("begin"), self.cleaned_data.get("finish"))
        return tuple(moment and timezone.localtime(moment) for moment in times) if any(times) else None


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min)) if day else None
