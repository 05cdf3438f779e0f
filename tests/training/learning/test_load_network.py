import json

import pytest

from analysis.recognition.errors import RecognitionError


@pytest.fixture
def write(tmp_path):
    """Write a version's `model.json` of one layer beside some weights; return the folder."""

    def write(**layer):
        network = {"module": "keras", "class_name": "Sequential", "config": {"name": "n", "layers": [layer]}}
        (tmp_path / "model.json").write_text(json.dumps(network))
        (tmp_path / "model.weights.h5").write_bytes(b"")
        return tmp_path

    return write


def test_a_lambda_is_refused_before_keras_sees_it(write, tmp_path, monkeypatch):
    import keras

    from training.learning.evaluation.metrics import load_network

    trap = tmp_path / "trap"
    layer = keras.layers.Lambda(lambda x, path=str(trap): open(path, "w") and x)  # noqa: PTH123, SIM115
    asked = []
    monkeypatch.setattr(keras.saving, "deserialize_keras_object", asked.append)
    with pytest.raises(
        RecognitionError, match=r"model\.json.*It has the class keras\.layers\.Lambda\. None of its code was run"
    ):
        load_network(write(**keras.saving.serialize_keras_object(layer)))
    assert (asked, trap.exists()) == ([], False)


def test_an_unknown_class_is_refused_and_its_module_not_imported(write, tmp_path, monkeypatch):
    from training.learning.evaluation.metrics import load_network

    trap = tmp_path / "trap"
    (tmp_path / "trapped.py").write_text(f"open({str(trap)!r}, 'w')\nclass Mine: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RecognitionError, match=r"It has the class trapped\.Mine"):
        load_network(write(module="trapped", class_name="Mine", config={}, registered_name=None))
    assert not trap.exists()


@pytest.mark.parametrize("architecture", ["mlp", "cnn", "residual"])
def test_every_architecture_is_made_of_registered_classes(tmp_path, architecture):
    from analysis.recognition.network import check_network
    from training.learning.network.architectures import build_model
    from training.learning.network.export import serving_network

    path = tmp_path / "model.json"
    path.write_text(serving_network(build_model(architecture)).to_json())
    assert check_network(path)["class_name"] == "Functional"
