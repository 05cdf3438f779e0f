"""The way from the published file to a served version, on some real faces."""

import json

import pytest
from django.core.management import call_command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("convert_in_process"),
]


def test_a_version_learns_and_int8_costs_little(fer2013, store, capsys):
    data = fer2013 / "fer2013.csv"
    call_command("train", architecture="mlp", epochs=4, data=data, version="real-1", seed=1)
    capsys.readouterr()
    figures = {}
    for engine in ("litert", "keras"):
        call_command("evaluate", data=data, version="real-1", split="PublicTest", engine=engine, json=True)
        figures[engine] = json.loads(capsys.readouterr().out)
    assert figures["litert"]["n"] == 500
    assert figures["litert"]["accuracy"] > 0.27  # always "happy" gets a quarter right
    assert figures["litert"]["accuracy"] >= figures["keras"]["accuracy"] - 0.005
