"""The same settings again."""

from training.runs import RunSettings, copy_settings, start_run


def test_they_start_another_run_under_a_free_name(db, store, data_there, administrator):
    settings = RunSettings(architecture="mlp", epochs=2, learning_rate=0.01, seed=3, limit=50, include_corrections=True)
    first = start_run(name="mlp-1", settings=settings, by=None)
    second = copy_settings(run=first, by=administrator)
    assert (second.name, second.created_by) == ("mlp-2", administrator)
    assert second.configuration == first.configuration
