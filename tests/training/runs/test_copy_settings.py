"""Starting a run again with the same settings."""

import pytest

from training.errors import RunError
from training.run_settings import RunSettings
from training.runs.presentation import list_settings
from training.runs.services import copy_settings, start_run


def test_the_copy_has_the_same_settings_and_a_free_name(db, store, data_there, administrator):
    settings = RunSettings(architecture="mlp", epochs=2, learning_rate=0.01, seed=3, limit=50, include_corrections=True)
    first = start_run(name="mlp-1", settings=settings, by=None)
    second = copy_settings(run=first, by=administrator)
    assert (second.name, second.created_by) == ("mlp-2", administrator)
    assert second.configuration == first.configuration


def test_settings_of_a_shell_are_saved_and_shown(db, small_csv):
    asked = {
        "start_from": "residual-1",
        "teachers": "residual-1,residual-2",
        "recipe": {"mixup": 0.2, "epochs": 9},
    }
    settings = RunSettings(architecture="residual", data=str(small_csv), **asked)
    run = copy_settings(run=start_run(name="mine", settings=settings, by=None), by=None)
    assert run.settings.configuration().mixup == 0.2
    assert run.settings == settings
    shown = dict(list_settings(run))
    assert (shown["Learn from"], shown["Other values"]) == ("residual-1, residual-2", "mixup 0.2, epochs 9")
    assert shown["Epochs"] == 9


def test_an_unknown_version_is_refused_by_name(db, store, small_csv):
    settings = RunSettings(architecture="mlp", teachers="mlp-0", data=str(small_csv))
    with pytest.raises(RunError, match="This site has no version called mlp-0"):
        start_run(name="mlp-1", settings=settings, by=None)


def test_unset_settings_are_shown_as_a_dash(db, store, data_there):
    run = start_run(name="mine", settings=RunSettings(architecture="mlp", recipe={}), by=None)
    shown = dict(list_settings(run))
    assert (shown["Learn from"], shown["Other values"], shown["Precision"]) == ("–", "–", "float32")
