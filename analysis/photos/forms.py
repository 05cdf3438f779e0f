"""Filter of the photo list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.date_range_form import DATES_CHOICES, TAKEN, DaysForm
from analysis.emotion_fields import ANSWERED, EMOTION_CHOICES, FACES_CHOICES
from analysis.photos.models import PhotoQuerySet

KINDS = [("uncertain", _("Uncertain")), ("corrected", _("Corrected")), ("no_face", _("No face found"))]


class HistoryFilter(DaysForm):
    """Filter and order of the photo list; `sure` and `unsure` are the minimum and maximum confidence in percent."""

    emotion = forms.ChoiceField(required=False, choices=[("", _("Any expression")), *EMOTION_CHOICES])
    name = forms.CharField(required=False, label=_("Name"), max_length=255, widget=forms.SearchInput)
    sure = forms.IntegerField(required=False, label=_("Minimum confidence (%)"), min_value=0, max_value=100)
    unsure = forms.IntegerField(required=False, label=_("Maximum confidence (%)"), min_value=0, max_value=100)
    model = forms.CharField(required=False, label=_("Version"), max_length=100, widget=forms.Select)
    kind = forms.ChoiceField(required=False, label=_("Photos"), choices=[("", _("All")), *KINDS])
    faces = forms.ChoiceField(required=False, label=_("Expressions"), choices=FACES_CHOICES)
    dates = forms.ChoiceField(required=False, label=_("Dates"), choices=DATES_CHOICES)
    album = forms.UUIDField(required=False, widget=forms.HiddenInput)
    order = forms.ChoiceField(
        required=False, label=_("Order"), choices=[("", _("Newest first")), ("oldest", _("Oldest first"))]
    )

    def __init__(self, data: Mapping[str, Any], *, versions: Sequence[str] = ()) -> None:
        super().__init__(data)
        # A link may name a version that made none of the photos.
        known = sorted({*versions, *filter(None, [data.get("model")])})
        self.fields["model"].widget.choices = [("", _("Any version")), *((name, name) for name in known)]

    @property
    def is_set(self) -> bool:
        """Whether any field filters photos."""
        orders = ("dates", "order", "faces")
        return any(self.data.get(self.add_prefix(name)) for name in self.fields if name not in orders)

    @property
    def is_narrowed(self) -> bool:
        """Whether a field of the page's collapsed part is set."""
        narrowing = ("sure", "unsure", "model", "dates", "order")
        return any(self.data.get(name) for name in narrowing) or self.is_as_answered

    @property
    def is_oldest_first(self) -> bool:
        return self.cleaned_data.get("order") == "oldest"

    @property
    def is_by_taken(self) -> bool:
        return self.cleaned_data.get("dates") == TAKEN

    @property
    def is_as_answered(self) -> bool:
        """Whether expressions are shown, and filtered by, as versions answered instead of as corrected."""
        return self.data.get("faces") == ANSWERED

    def apply(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Return the matching photos; invalid fields filter nothing."""
        self.full_clean()
        percentages = {
            "min_confidence": self.cleaned_data.get("sure"),
            "max_confidence": self.cleaned_data.get("unsure"),
        }
        kind = self.cleaned_data.get("kind")
        return photos.matching(
            start=self.start,
            end=self.end,
            by_taken=self.is_by_taken,
            album=self.cleaned_data.get("album"),
            as_answered=self.is_as_answered,
            corrected=kind == "corrected" or None,
            uncertain=kind == "uncertain" or None,
            without_faces=kind == "no_face" or None,
            **{name: self.cleaned_data.get(name, "") for name in ("emotion", "name", "model")},
            **{name: value / 100 for name, value in percentages.items() if value is not None},
        )
