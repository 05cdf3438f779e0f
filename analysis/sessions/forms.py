"""Forms of the list of sessions and of a session's timeline."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.date_range_form import DaysForm
from analysis.sessions.models import Session, SessionQuerySet
from analysis.sessions.services import NAME_MAX


class SessionFilter(DaysForm):
    """Filter by time, name and source; live sessions by default."""

    name = forms.CharField(required=False, label=_("Name"), max_length=NAME_MAX, widget=forms.SearchInput)
    source = forms.ChoiceField(required=False, label=_("Source"), choices=Session.Source.choices)
    album = forms.UUIDField(required=False, label=_("Album"), widget=forms.HiddenInput)

    @property
    def is_set(self) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in self.fields)

    def apply(self, sessions: SessionQuerySet) -> SessionQuerySet:
        """Return the matching sessions; an invalid field does not filter. An album's are of both sources."""
        self.full_clean()
        source, album = self.cleaned_data.get("source"), self.cleaned_data.get("album")
        if source or not album:
            sessions = sessions.filter(source=source or Session.Source.LIVE)
        found = sessions.overlapping(self.start, self.end).matching(name=self.cleaned_data.get("name", ""))
        return found.in_collection(album) if album else found


class FaceNameForm(forms.Form):
    """A name for one of a session's faces, or none."""

    face = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    name = forms.CharField(required=False)


class TimelineForm(forms.Form):
    """A range of a session's seconds, from `start` to before `end`; either may be left out."""

    start = forms.IntegerField(required=False, min_value=0, max_value=10**9)
    end = forms.IntegerField(required=False, min_value=1, max_value=10**9)

    def clean(self) -> None:
        start, end = self.cleaned_data.get("start") or 0, self.cleaned_data.get("end")
        if end is not None and end <= start:
            message = gettext("Expected a second after start, which is %(start)s; got %(end)s.")
            self.add_error("end", message % {"start": start, "end": end})
