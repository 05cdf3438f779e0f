"""Form of the list of videos."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.searched_names import SEARCH_NAME_MAX
from analysis.videos.models import VideoQuerySet


class VideoFilter(forms.Form):
    """Filter by name."""

    name = forms.CharField(required=False, label=_("Name"), max_length=SEARCH_NAME_MAX, widget=forms.SearchInput)

    @property
    def is_set(self) -> bool:
        return bool(self.data.get("name"))

    def apply(self, videos: VideoQuerySet) -> VideoQuerySet:
        """Return the matching videos; an invalid name does not filter."""
        self.full_clean()
        return videos.matching(name=self.cleaned_data.get("name", ""))
