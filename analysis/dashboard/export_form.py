"""Form of an export of the history."""

from __future__ import annotations

from django import forms
from django.db.models import Model

from analysis.dashboard.export import Wanted
from analysis.date_range_form import DaysForm
from analysis.history.models import HistorySum


class ExportForm(DaysForm):
    """Which part of a history is taken along; no source chosen means all."""

    source = forms.MultipleChoiceField(required=False, label="From", choices=HistorySum.Source.choices)

    def wanted(self, owner: Model) -> Wanted:
        sources = frozenset(self.cleaned_data["source"] or HistorySum.Source.values)
        return Wanted(owner, self.start, self.end, sources)
