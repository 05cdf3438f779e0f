import json

import pytest
from django.conf import settings

from analysis.recognition.bundle import read_bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.golden import golden_faces
from analysis.versions import smoke_test as smoke
from analysis.versions.smoke_test import smoke_test


def test_a_good_version_passes_with_its_answers_for_the_golden_faces(first):
    report = smoke_test(version=first)
    assert (report.ok, report.code, report.message) == (True, "", "")
    assert len(report.golden) == 2
    # Eileen Collins beams; a version that does not see that is none to ship.
    assert report.golden[1].emotion == "happy"
    assert all(0 < answer.confidence <= 1 for answer in report.golden)


@pytest.mark.parametrize("file", ["model.tflite", "model.json", "model.weights.h5", "card.json"])
def test_a_changed_byte_fails_naming_the_file_and_both_hashes(first, store, file):
    store.break_byte("first-1", file)
    report = smoke_test(version=first)
    assert (report.ok, report.code) == (False, "model_corrupt")
    assert f"first-1/{file} was changed: its SHA-256 should be {first.pins[file]} and is" in report.message
    assert store.pins("first-1")[file] in report.message


def test_a_missing_file_fails_naming_it(first, store):
    (store.folder / "first-1" / "model.tflite").unlink()
    report = smoke_test(version=first)
    assert (report.ok, report.code) == (False, "model_missing")
    assert "first-1/model.tflite" in report.message


def test_a_broken_network_fails_though_it_is_pinned(first, make_version):
    report = smoke_test(version=make_version(model_tflite=b"no network"))
    assert (report.ok, report.code) == (False, "model_corrupt")
    assert "LiteRT cannot load trial-1/model.tflite: " in report.message


def test_probabilities_must_sum_to_one(first, make_version):
    report = smoke_test(version=make_version(card={"temperature": 1e-9}))
    assert (report.ok, report.code) == (False, "bad_probabilities")
    assert "the probabilities of test face 1 do not sum to one: [nan" in report.message


def test_a_card_that_cannot_be_worked_with_fails(first, make_version):
    report = smoke_test(version=make_version(card={"temperature": "warm"}))
    assert (report.ok, report.code) == (False, "smoke_test_died")
    assert "trial-1: the test process crashed while loading it (exit status 1): ValueError" in report.message


def test_answers_must_be_those_recorded_where_it_was_made(first, make_version):
    here = smoke_test(version=first)
    assert smoke_test(version=make_version("same-1", card={"golden": _answers(first)})).golden == here.golden
    report = smoke_test(version=make_version("other-1", card={"golden": [[1, 0, 0, 0, 0, 0, 0]] * 2}))
    assert (report.ok, report.code) == (False, "golden_faces_differ")
    assert (
        "other-1: the probabilities of the test faces differ from those where it was made: [[1.0, 0.0" in report.message
    )


def _answers(version):
    bundle = read_bundle(settings.MODELS_STORE / version.name, version.pins)
    return Classifier(bundle).classify(golden_faces()).astype(float).tolist()


def test_a_lambda_fails_and_nothing_of_it_is_run(first, make_version, tmp_path):
    trap = tmp_path / "trap"
    layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"function": f"open({str(trap)!r}, 'w')"}}
    network = {"module": "keras", "class_name": "Sequential", "config": {"layers": [layer]}}
    report = smoke_test(version=make_version(model_json=json.dumps(network).encode()))
    assert (report.ok, report.code) == (False, "unsafe_model")
    assert "trial-1/model.json" in report.message
    assert "the class keras.layers.Lambda. None of its code was run." in report.message
    assert not trap.exists()


def _interpreter(monkeypatch, tmp_path, script: str) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(smoke.sys, "executable", str(program))


def test_a_version_that_aborts_the_process_fails(first, monkeypatch, tmp_path):
    _interpreter(monkeypatch, tmp_path, "echo 'Check failed: shape' >&2; kill -ABRT $$")
    report = smoke_test(version=first)
    assert (report.ok, report.code) == (False, "smoke_test_died")
    assert report.message == "first-1: the test process crashed while loading it (signal 6): Check failed: shape"


def test_a_version_that_hangs_fails(first, monkeypatch, tmp_path):
    _interpreter(monkeypatch, tmp_path, "exec sleep 30")
    monkeypatch.setattr(smoke, "TIMEOUT", 0.2)
    report = smoke_test(version=first)
    assert (report.ok, report.code) == (False, "smoke_test_timeout")
