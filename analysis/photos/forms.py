"""Filter of the list of photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from analysis.date_range_form import DaysForm
from analysis.emotion_fields import EMOTION_CHOICES
from analysis.photos.models import PhotoQuerySet


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


def _part(percentage: int | None) -> float | None:
    return None if percentage is None else percentage / 100
