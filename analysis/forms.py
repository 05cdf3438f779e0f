"""What people may ask of their history, and say of a result."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils import timezone

from analysis.models import EMOTION_CHOICES, PhotoQuerySet


class HistoryFilter(forms.Form):
    """An emotion and a range of days, both ends included, in the site's time zone."""

    emotion = forms.ChoiceField(required=False, choices=[("", "Any emotion"), *EMOTION_CHOICES])
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", f"This is before the first day, {since:%Y-%m-%d}.")

    @property
    def is_set(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def apply(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Return the photos asked for; a field that cannot be understood filters nothing."""
        self.full_clean()
        until = self.cleaned_data.get("until")
        photos = photos.between(
            _midnight(self.cleaned_data.get("since")),
            _midnight(until + dt.timedelta(days=1)) if until and until < dt.date.max else None,
        )
        emotion = self.cleaned_data.get("emotion")
        return photos.with_emotion(emotion) if emotion else photos


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


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min)) if day else None
