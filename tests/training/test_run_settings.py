"""The settings of a training, from which form, API, command and row derive."""

from dataclasses import fields
from pathlib import Path

import pytest

from training.api import StartRunSerializer
from training.management.commands.train import Command
from training.run_settings import OPTIONS, RunSettings
from training.runs.forms import StartRunForm, fieldsets


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_is_in_the_form_the_api_and_the_command(name):
    option = OPTIONS[name]
    shown = [field for _, fieldset in fieldsets() for field in fieldset["fields"]]
    assert (name in StartRunForm().fields) == (name in shown) == option.on_site
    assert (name in StartRunSerializer().fields) == option.on_site
    destinations = {action.dest for action in Command().create_parser("manage.py", "train")._actions}
    assert name in destinations or not option.in_shell


def test_empty_values_are_unset():
    entered = {"architecture": "mlp", "epochs": None, "augmentation": "", "teachers": [], "seed": 0, "mirrored": True}
    assert RunSettings.from_input(entered) == RunSettings("mlp", mirrored=True)


@pytest.mark.parametrize("teachers", [["one", "two"], "one, two"])
def test_teachers_are_saved_with_commas(teachers):
    assert RunSettings.from_input({"architecture": "mlp", "teachers": teachers}).teachers == "one,two"


def test_a_row_of_another_release_is_read():
    settings = RunSettings.from_json({"architecture": "mlp", "epochs": 3, "removed_option": 1})
    assert settings == RunSettings("mlp", epochs=3)


def test_paths_are_saved_absolute(settings, monkeypatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    settings.FER2013_PATH = Path("fer2013.csv")
    saved = RunSettings("mlp", votes=True, votes_data="votes.csv").as_json()
    assert (saved["data"], saved["votes_data"]) == (str(tmp_path / "fer2013.csv"), str(tmp_path / "votes.csv"))
    assert saved.keys() == {field.name for field in fields(RunSettings)}


def test_options_override_the_recipe():
    config = RunSettings("residual", epochs=7, recipe={"epochs": 9, "mixup": 0.2}).configuration()
    assert (config.epochs, config.mixup, config.optimizer) == (7, 0.2, "sgd")
