"""The classes that a version's `model.json` may name.

Keras instantiates any class that a file names, and some of its own layers run code or read files that their
configuration names. So the file is read as plain JSON and checked against this list before Keras reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.recognition.errors import RecognitionError, gettext_noop

_LAYERS = """
    Activation Add Average AveragePooling2D BatchNormalization Concatenate Conv2D Cropping2D Dense DepthwiseConv2D
    Dropout ELU Flatten GlobalAveragePooling2D GlobalMaxPooling2D GroupNormalization InputLayer LayerNormalization
    LeakyReLU MaxPooling2D Maximum Multiply PReLU Permute ReLU Rescaling Reshape SeparableConv2D Softmax
    SpatialDropout2D Subtract UpSampling2D ZeroPadding2D
"""
_INITIALIZERS = """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform Ones Orthogonal RandomNormal
    RandomUniform TruncatedNormal VarianceScaling Zeros
"""
REGISTERED = {
    "keras": frozenset({"DTypePolicy", "Functional", "Sequential"}),
    "keras.initializers": frozenset(_INITIALIZERS.split()),
    "keras.layers": frozenset(_LAYERS.split()),
    "keras.regularizers": frozenset({"L1", "L1L2", "L2"}),
    "keras.src.models.functional": frozenset({"Functional"}),
    "keras.src.models.sequential": frozenset({"Sequential"}),
}
"""Class names by the module that `model.json` gives for them."""


def check_network(path: Path) -> Any:
    """Return the content of a `model.json` that names registered classes only.

    Raises `RecognitionError` of code "unsafe_model" naming the first other class; runs no code of the file.
    """
    try:
        config = json.loads(path.read_bytes())
        classes = list(_named_classes(config))
    except (OSError, ValueError, RecursionError) as error:
        text = gettext_noop("%(file)s is not a network as JSON: %(reason)s.")
        raise _unsafe(path, text, reason=f"{type(error).__name__}: {error}") from None
    if not classes:
        raise _unsafe(path, gettext_noop("%(file)s is not a network: no class is in it."))
    for module, name, registered in classes:
        if not _is_registered(module, name, registered):
            text = gettext_noop("%(file)s can have Keras’ own layers for pictures only. It has the class %(name)s.")
            raise _unsafe(path, text, name=f"{module}.{name}" if module else str(name))
    return config


def _named_classes(config: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield (module, class name, registered name) of everything that Keras would instantiate."""
    if isinstance(config, dict):
        if "class_name" in config or "registered_name" in config:
            yield config.get("module"), config.get("class_name"), config.get("registered_name")
        for value in config.values():
            yield from _named_classes(value)
    elif isinstance(config, list):
        for value in config:
            yield from _named_classes(value)


def _is_registered(module: Any, name: Any, registered: Any) -> bool:
    # References to tensors have the form of a class.
    if name == "__keras_tensor__":
        return module is None and registered is None
    known = REGISTERED.get(module, frozenset()) if isinstance(module, str) else frozenset()
    return isinstance(name, str) and name in known and registered in (None, name)


def _unsafe(path: Path, text: str, **values: Any) -> RecognitionError:
    hint = gettext_noop("None of its code was run.")
    return RecognitionError("unsafe_model", text, hint=hint, file="/".join(path.parts[-2:]), **values)
