import json

import pytest
from django.db import OperationalError

from analysis.recognition.errors import RecognitionError
from analysis.versions.models import ModelVersion
from analysis.versions.services import find_bundle


def test_a_registered_version_is_held_against_its_pins(second, store):
    assert find_bundle(name="second-1").name == "second-1"
    forged = {**second.card, "files": {}}
    (store.folder / "second-1" / "card.json").write_text(json.dumps(forged))
    with pytest.raises(RecognitionError, match=r"card\.json was changed"):
        find_bundle(name="second-1")


def test_without_a_database_the_shipped_one_is_found(store, monkeypatch):
    def away(**filters):
        raise OperationalError("no such table: analysis_modelversion")

    monkeypatch.setattr(ModelVersion.objects, "filter", away)
    assert find_bundle(name="first-1").name == "first-1"


def test_an_unknown_one_is_told_with_those_there_are(second):
    with pytest.raises(RecognitionError, match=r"no version “nope” in .*\. Found: first-1, second-1"):
        find_bundle(name="nope")
