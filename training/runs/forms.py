"""What somebody says to start a training run."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextInputWidget

from analysis.versions.models import ModelVersion
from training.errors import RunError
from training.learning.data.augmentation import AUGMENTATIONS
from training.learning.recipes import PRECISIONS, RECIPES
from training.models import TrainingRun
from training.runs import services as runs
from training.runs.settings import RunSettings

_OWN = "as the architecture's recipe says"


def _versions() -> list[tuple[str, str]]:
    return list(ModelVersion.objects.newest_first().values_list("name", "name"))


def _beginnings() -> list[tuple[str, Any]]:
    """Return the versions by their architecture, which must be the run's own."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in RECIPES}
    for name, architecture in ModelVersion.objects.newest_first().values_list("name", "card__architecture"):
        if architecture in found:
            found[architecture].append((name, name))
    return [("", "anew"), *((name, versions) for name, versions in found.items() if versions)]


class StartRunForm(forms.Form):
    """An empty field stands for the architecture's own default."""

    architecture = forms.ChoiceField(choices=[(name, name) for name in RECIPES], initial="cnn")
    name = forms.CharField(
        max_length=64,
        validators=TrainingRun._meta.get_field("name").validators,
        widget=AdminTextInputWidget,
        help_text=TrainingRun._meta.get_field("name").help_text,
    )
    epochs = forms.IntegerField(min_value=1, max_value=1000, required=False, widget=AdminIntegerFieldWidget)
    learning_rate = forms.FloatField(
        max_value=10, required=False, widget=forms.NumberInput(attrs={"step": "any", "class": "vIntegerField"})
    )
    batch_size = forms.IntegerField(min_value=1, max_value=4096, required=False, widget=AdminIntegerFieldWidget)
    augmentation = forms.ChoiceField(
        choices=[("", _OWN), *((name, name) for name in AUGMENTATIONS)],
        required=False,
        help_text="How much training faces are turned, moved and lit differently.",
    )
    precision = forms.ChoiceField(
        choices=[("", "float32"), *((name, name) for name in PRECISIONS if name != "float32")],
        required=False,
        help_text="mixed_bfloat16 is quicker on processors that compute in it, and slower on others.",
    )
    start_from = forms.ChoiceField(
        label="Begin with",
        choices=_beginnings,
        required=False,
        help_text="Weights of a version of the same architecture, to train further; half the learning rate fits.",
    )
    teachers = forms.MultipleChoiceField(
        label="Learn from",
        choices=_versions,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Versions whose mean answer to each training face is learnt beside its label.",
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        initial=0,
        widget=AdminIntegerFieldWidget,
        help_text="The same seed, data and settings draw the same batches.",
    )
    limit = forms.IntegerField(
        label="Rows limit",
        min_value=10,
        required=False,
        widget=AdminIntegerFieldWidget,
        help_text="For a trial: only the first rows of each split. Empty: all.",
    )
    mirrored = forms.BooleanField(
        label="Look at each face twice",
        required=False,
        help_text="Answer by the mean over a face and its mirror image: a little more exact, twice the time a face.",
    )
    votes = forms.BooleanField(
        label="Use the FER+ votes",
        required=False,
        help_text="Ten people's votes a face as a second target. Needs fer2013new.csv beside fer2013.csv.",
    )
    include_corrections = forms.BooleanField(
        label="Include reviewed corrections",
        required=False,
        help_text="Adds people's approved corrections to the training rows, never to those it is measured on.",
    )

    def clean_learning_rate(self) -> float | None:
        rate = self.cleaned_data["learning_rate"]
        if rate is not None and rate <= 0:
            raise forms.ValidationError("Enter a number above 0.")
        return rate

    def clean(self) -> dict[str, Any]:
        """Look for the data at once: a run that cannot begin is not worth queueing."""
        cleaned = super().clean() or self.cleaned_data
        try:
            runs.check_data(votes=cleaned.get("votes", False))
        except RunError as error:
            raise forms.ValidationError(error.message, code=error.code) from error
        return cleaned

    def run_settings(self) -> RunSettings:
        """Return what was asked for, once valid."""
        asked = {name: value for name, value in self.cleaned_data.items() if name != "name"}
        for name in ("augmentation", "precision", "start_from"):
            asked[name] = asked[name] or None
        return RunSettings(**{**asked, "teachers": ",".join(asked["teachers"]) or None})
