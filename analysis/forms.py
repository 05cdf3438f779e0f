"""What people may ask of their history, and say of a result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Model
from django.utils import timezone

from analysis.export import Wanted
from analysis.models import EMOTION_CHOICES, HistorySum, PhotoQuerySet, Session
from analysis.models.sessions import SessionQuerySet


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


class HistoryFilter(DaysForm):
    """What photos are asked for: an emotion, days, part of a name, how sure, by which version, in which order.

    `sure` and `unsure` are percentages of a photo's surest face, at least and at most.
    """

    emotion = forms.ChoiceField(required=False, choices=[("", "Any emotion"), *EMOTION_CHOICES])
    name = forms.CharField(required=False, label="Name", max_length=255, widget=forms.SearchInput)
    sure = forms.IntegerField(required=False, label="At least % sure", min_value=0, max_value=100)
    unsure = forms.IntegerField(required=False, label="At most % sure", min_value=0, max_value=100)
    model = forms.CharField(required=False, label="Model version", max_length=100, widget=forms.Select)
    order = forms.ChoiceField(required=False, label="Order", choices=[("", "Newest first"), ("oldest", "Oldest first")])

    def __init__(self, data: Mapping[str, Any], *, versions: Sequence[str] = ()) -> None:
        super().__init__(data)
        # One that made none of these photos may be asked for, too.
        known = sorted({*versions, *filter(None, [data.get("model")])})
        self.fields["model"].widget.choices = [("", "Any version"), *((name, name) for name in known)]

    @property
    def is_set(self) -> bool:
        """Whether it leaves any photo out."""
        return any(self.data.get(self.add_prefix(name)) for name in self.fields if name != "order")

    @property
    def is_narrowed(self) -> bool:
        """Whether something is asked for that the page keeps out of sight at first."""
        return any(self.data.get(name) for name in ("sure", "unsure", "model", "order"))

    @property
    def is_oldest_first(self) -> bool:
        return self.cleaned_data.get("order") == "oldest"

    def apply(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Return the photos asked for; a field that cannot be understood filters nothing."""
        self.full_clean()
        asked = self.cleaned_data
        photos = photos.between(self.start, self.end)
        photos = photos.with_confidence(least=_part(asked.get("sure")), most=_part(asked.get("unsure")))
        if asked.get("emotion"):
            photos = photos.with_emotion(asked["emotion"])
        if asked.get("name"):
            photos = photos.named_like(asked["name"])
        return photos.analysed_by(asked["model"]) if asked.get("model") else photos


class SessionFilter(DaysForm):
    """Which sessions are asked for: those of some days or hours, of the camera unless told otherwise."""

    source = forms.ChoiceField(required=False, choices=Session.Source.choices)

    @property
    def is_set(self) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in self.fields)

    def apply(self, sessions: SessionQuerySet) -> SessionQuerySet:
        """Return the sessions asked for; a field that cannot be understood filters nothing."""
        self.full_clean()
        source = self.cleaned_data.get("source") or Session.Source.LIVE
        return sessions.from_source(source).overlapping(self.start, self.end)


class ExportForm(DaysForm):
    """Which part of a history is taken along; no source chosen means all."""

    source = forms.MultipleChoiceField(required=False, label="From", choices=HistorySum.Source.choices)

    def wanted(self, owner: Model) -> Wanted:
        sources = frozenset(self.cleaned_data["source"] or HistorySum.Source.values)
        return Wanted(owner, self.start, self.end, sources)


class CorrectionForm(forms.Form):
    """What a face really shows; `learn` agrees to training, as the notice of version `notice` describes it."""

    emotion = forms.ChoiceField(choices=EMOTION_CHOICES)
    learn = forms.BooleanField(required=False)
    notice = forms.CharField(required=False, widget=forms.HiddenInput)


class StretchForm(forms.Form):
    """Seconds of a session, from `start` to before `end`; a side left out is open."""

    start = forms.IntegerField(required=False, min_value=0, max_value=10**9)
    end = forms.IntegerField(required=False, min_value=1, max_value=10**9)

    def clean(self) -> None:
        start, end = self.cleaned_data.get("start") or 0, self.cleaned_data.get("end")
        if end is not None and end <= start:
            self.add_error("end", f"Expected a second after start, which is {start}; got {end}.")


def _part(percentage: int | None) -> float | None:
    return None if percentage is None else percentage / 100


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min)) if day else None
