"""Form that starts a training run."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextInputWidget
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.versions.models import ModelVersion
from training.learning.recipes import RECIPES
from training.models import TrainingRun
from training.run_settings import SITE_OPTIONS, Option, RunSettings
from training.runs import services as runs

_UNSET = _("The architecture’s own")


class StartRunForm(forms.Form):
    """An empty field stands for the architecture's own value."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        validators=TrainingRun._meta.get_field("name").validators,
        widget=AdminTextInputWidget,
        help_text=TrainingRun._meta.get_field("name").help_text,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update({name: _field(option) for name, option in SITE_OPTIONS.items()})

    def clean(self) -> dict[str, Any]:
        """Check that the data is there before the run is queued."""
        cleaned = super().clean() or self.cleaned_data
        if problem := runs.data_problem(votes=cleaned.get("votes", False)):
            raise forms.ValidationError(problem)
        return cleaned

    def run_settings(self) -> RunSettings:
        """Return the settings entered; call it on a valid form."""
        return RunSettings.from_input(self.cleaned_data)


def fieldsets() -> list[tuple[str | None, dict[str, Any]]]:
    """Return the form's fieldsets as the admin takes them."""
    groups: dict[Any, list[str]] = {}
    for name, option in SITE_OPTIONS.items():
        groups.setdefault(option.group, []).append(name)
    groups[""].append("name")
    return [(group or None, {"fields": names}) for group, names in groups.items()]


def _field(option: Option) -> forms.Field:
    shown: dict[str, Any] = {"label": option.label, "help_text": option.help}
    shown["required"] = option.is_required or (option.kind == "integer" and option.default is not None)
    limits = {"min_value": option.minimum, "max_value": option.maximum}
    match option.kind:
        case "choice":
            unset = [] if option.is_required else [("", option.unset or _UNSET)]
            named = [(name, name) for name in option.choices if name != option.unset]
            return forms.ChoiceField(choices=[*unset, *named], **shown)
        case "integer":
            return forms.IntegerField(initial=option.default, widget=AdminIntegerFieldWidget, **limits, **shown)
        case "number":
            widget = forms.NumberInput(attrs={"step": "any", "class": "vIntegerField"})
            return forms.FloatField(widget=widget, **limits, **shown)
        case "version":
            return forms.ChoiceField(choices=_versions_by_architecture, **shown)
        case "versions":
            return forms.MultipleChoiceField(choices=_versions, widget=forms.CheckboxSelectMultiple, **shown)
    return forms.BooleanField(**shown)


def _versions() -> list[tuple[str, str]]:
    return list(ModelVersion.objects.newest_first().values_list("name", "name"))


def _versions_by_architecture() -> list[tuple[str, Any]]:
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in RECIPES}
    for name, architecture in ModelVersion.objects.newest_first().values_list("name", "card__architecture"):
        if architecture in found:
            found[architecture].append((name, name))
    return [("", gettext("Random weights")), *((name, versions) for name, versions in found.items() if versions)]
