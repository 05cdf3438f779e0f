"""Forms of the dashboard and of exports."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from analysis.albums.models import Collection
from analysis.dashboard.export import ExportFilter
from analysis.date_range_form import DATES_CHOICES, TAKEN, DaysForm
from analysis.emotion_fields import ANSWERED, FACES_CHOICES
from analysis.errors import HistoryError
from analysis.history.models import HistorySum
from analysis.history.series import first_face, last_face
from analysis.history.time_buckets import FIRST_DAY, LAST_DAY, Interval, Span, span_of_days
from ferproject.numbers import number

RANGES = (7, 30, 90)
DEFAULT_RANGE = 30
INTERVAL_NAMES = {
    Interval.HOUR: pgettext_lazy("interval", "Hour"),
    Interval.DAY: pgettext_lazy("interval", "Day"),
    Interval.WEEK: pgettext_lazy("interval", "Week"),
    Interval.MONTH: pgettext_lazy("interval", "Month"),
}
_DAY = dt.timedelta(days=1)
_NAMES = {"first": "from", "last": "to", "against_first": "against_from", "against_last": "against_to"}


@dataclass(frozen=True)
class Days:
    """Days of `zone` from `first` to `last`, both included."""

    first: dt.date
    last: dt.date
    zone: dt.tzinfo

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def span(self) -> Span:
        return span_of_days(self.first, self.last, self.zone)

    def before(self) -> Days | None:
        """Return as many days directly before these, or None where they would begin before `FIRST_DAY`."""
        if (self.first - FIRST_DAY).days < self.count:
            return None
        return Days(self.first - self.count * _DAY, self.first - _DAY, self.zone)


@dataclass(frozen=True)
class DashboardQuery:
    """The days shown and those compared with, the interval, the source, whether corrections count, and by which time.

    `fits_days`, `fits_interval`: whether they may be fitted to the faces that there are.
    """

    days: Days
    against: Days | None
    interval: Interval
    source: str
    as_answered: bool = False
    by_taken: bool = False
    fits_days: bool = False
    fits_interval: bool = False

    @property
    def unit(self) -> str:
        """What is counted: "face" or "second"."""
        return HistorySum.Source(self.source).unit

    @property
    def interval_name(self) -> str:
        return str(INTERVAL_NAMES[self.interval])


class _DayField(forms.DateField):
    """A day from `FIRST_DAY` to `LAST_DAY`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def clean(self, value: str) -> dt.date | None:
        day: dt.date | None = super().clean(value)
        if day and not FIRST_DAY <= day <= LAST_DAY:
            text = gettext("Choose a date from %(first)s to %(last)s.")
            values = {"first": date_format(FIRST_DAY), "last": date_format(LAST_DAY)}
            raise forms.ValidationError(text, code="bad_range", params=values)
        return day


class DashboardForm(forms.Form):
    """Defaults: the last 30 days of photos, compared with as many days before."""

    days = forms.TypedChoiceField(
        required=False, label=_("Days"), coerce=int, empty_value=None, choices=lambda: _range_choices()
    )
    first = _DayField(label=_("From"))
    last = _DayField(label=_("To"))
    interval = forms.ChoiceField(
        required=False, label=_("Interval"), choices=[("", _("Automatic")), *INTERVAL_NAMES.items()]
    )
    source = forms.ChoiceField(required=False, label=_("Source"), choices=HistorySum.Source.choices)
    faces = forms.ChoiceField(required=False, label=_("Expressions"), choices=FACES_CHOICES)
    dates = forms.ChoiceField(required=False, label=_("Dates"), choices=DATES_CHOICES)
    against_first = _DayField(label=_("Compare from"))
    against_last = _DayField(label=_("Compare to"))

    def add_prefix(self, field_name: str) -> str:
        """Map field names to query parameters, such as `first` to `from`."""
        return _NAMES.get(field_name, field_name)

    def clean(self) -> None:
        for first_name, last_name in (("first", "last"), ("against_first", "against_last")):
            first, last = self.cleaned_data.get(first_name), self.cleaned_data.get(last_name)
            if first and last and first > last:
                text = gettext("This date is before the first day, %(day)s.")
                self.add_error(last_name, text % {"day": date_format(first)})

    def get_query(self, owner: Model | None = None) -> DashboardQuery:
        """Return the query of a valid form; raise `HistoryError` with the first error.

        Without days chosen, an album as the `owner` is shown from its first face to its last one.
        """
        if not self.is_valid():
            name, errors = next(iter(self.errors.items()))
            raise HistoryError("bad_question", f"{self.add_prefix(name)}: {errors[0]}")
        given = self.cleaned_data
        source = given["source"] or HistorySum.Source.PHOTO
        days = _complete(given["first"], given["last"], given["days"] or DEFAULT_RANGE)
        if isinstance(owner, Collection) and not (given["first"] or given["last"] or given["days"]):
            days = _all_days(owner, source, by_taken=given["dates"] == TAKEN) or days
        if given["against_first"] or given["against_last"]:
            against = _complete(given["against_first"], given["against_last"], days.count)
        else:
            against = days.before()
        interval = Interval(given["interval"]) if given["interval"] else best_interval(days.count)
        return DashboardQuery(
            days,
            against,
            interval,
            source,
            as_answered=given["faces"] == ANSWERED,
            by_taken=given["dates"] == TAKEN,
            fits_days=not given["first"],
            fits_interval=not given["interval"],
        )

    @property
    def messages(self) -> dict[str, list[str]]:
        """The errors by query parameter."""
        return {self.add_prefix(name): [str(error) for error in errors] for name, errors in self.errors.items()}

    @property
    def has_chosen_days(self) -> bool:
        return bool(self.cleaned_data.get("first") or self.cleaned_data.get("last"))


class ExportForm(DaysForm):
    """Days and sources to export; all sources where none is chosen."""

    source = forms.MultipleChoiceField(required=False, label=_("Source"), choices=HistorySum.Source.choices)

    def get_filter(self, owner: Model, album: Collection | None = None) -> ExportFilter:
        sources = frozenset(self.cleaned_data["source"] or HistorySum.Source.values)
        return ExportFilter(owner, self.start, self.end, sources, album.pk if album else None)


def _range_choices() -> list[tuple[int, str]]:
    return [(n, ngettext("%(count)s day", "%(count)s days", n) % {"count": number(n)}) for n in RANGES]


def _all_days(owner: Model, source: str, *, by_taken: bool) -> Days | None:
    """Return the days from the first face of a source to the last one, None without any."""
    zone = timezone.get_current_timezone()
    first, last = (read(owner=owner, source=source, by_taken=by_taken) for read in (first_face, last_face))
    return Days(first.astimezone(zone).date(), last.astimezone(zone).date(), zone) if first and last else None


def best_interval(days: int) -> Interval:
    """Return the interval that cuts so many days into a readable number of buckets."""
    for max_days, interval in ((2, Interval.HOUR), (120, Interval.DAY), (1000, Interval.WEEK)):
        if days <= max_days:
            return interval
    return Interval.MONTH


def _complete(first: dt.date | None, last: dt.date | None, count: int) -> Days:
    """Return the days from `first` to `last`; a missing end is `count` days from the other one, or today."""
    if first and last is None:
        last = max(first, timezone.localdate())
    last = last or timezone.localdate()
    first = first or max(FIRST_DAY, last - (count - 1) * _DAY)
    return Days(first, last, timezone.get_current_timezone())
