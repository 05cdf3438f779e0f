import json
from pathlib import Path
from typing import Any

import pytest

from analysis.recognition.errors import RecognitionError
from analysis.recognition.network import check_network

DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 7}, "registered_name": None}


@pytest.fixture
def write(tmp_path: Path):
    """Write a network of these layers; return its path."""

    def write(*layers: Any) -> Path:
        folder = tmp_path / "trial-1"
        folder.mkdir()
        network = {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}}
        (folder / "model.json").write_text(json.dumps(network))
        return folder / "model.json"

    return write


def _layer(name: str, module: str | None = "keras.layers", **more: Any) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": {}, **more}


def test_registered_layers_pass_and_come_back_as_json(write):
    assert check_network(write(DENSE))["config"]["layers"] == [DENSE]


@pytest.mark.parametrize(
    "layer",
    [
        _layer("Lambda"),
        _layer("TFSMLayer"),
        _layer("TorchModuleWrapper"),
        _layer("StringLookup"),
        _layer("Mine", module="somewhere.else"),
        _layer("Dense", module="somewhere.else"),
        _layer("Dense", module=None),
        _layer("Dense", module=["keras.layers"]),
        _layer("Dense", registered_name="mine>Dense"),
        _layer("function", module="builtins", registered_name="function"),
        _layer("__lambda__", module=None),
        {"registered_name": "mine>Dense", "config": {}},
        {**DENSE, "config": {"kernel_initializer": _layer("Mine")}},
        {**DENSE, "config": {"activation": [_layer("Lambda")]}},
    ],
    ids=lambda layer: f"{layer.get('module')}-{layer.get('class_name')}",
)
def test_any_other_class_is_refused_anywhere_in_the_file(write, layer):
    with pytest.raises(RecognitionError, match=r"^trial-1/model\.json can have Keras’ own layers .* only\.") as caught:
        check_network(write(DENSE, layer))
    assert caught.value.code == "unsafe_model"
    assert caught.value.message.endswith("None of its code was run.")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"{}", b"[" * 100_000])
def test_a_file_that_is_no_network_is_refused(tmp_path, content):
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(RecognitionError, match="is not a network") as caught:
        check_network(path)
    assert caught.value.code == "unsafe_model"
