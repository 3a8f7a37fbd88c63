"""Makes the toy models beside it: GigaAM's interface (names, shapes, types), and an ear for eleven tones.

    pip install onnx==1.23.2 && PYTHONPATH=tests python -m support.gigaam.make

Each letter of `LETTERS` has a mel bin of its own; a tone in it is the letter, anything else is blank. The features are
made by the code under test, so a wrong window, hop or filter bank shows as a wrong letter. The transducer's predictor
gives the letter said last, and the joint forbids it: a held tone is one letter, as with the other model's collapse.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from support.gigaam import FOLDER, LETTERS, bin_of

ALPHABET = ["\u2581", *(chr(ord("а") + at) for at in range(32))]
BLANK = len(ALPHABET)
CLASSES = BLANK + 1
MELS, STRIDE, HIDDEN = 64, 4, 320
BLANK_LOGIT, NEVER = 3.0, -60.0
OPSET, IR = 17, 9


def _ear() -> list[onnx.TensorProto]:
    """A convolution that averages each letter's bin over four frames."""
    weight = np.zeros((CLASSES, MELS, STRIDE), np.float32)
    bias = np.full(CLASSES, NEVER, np.float32)
    for letter in LETTERS:
        token = ALPHABET.index(letter.replace(" ", "\u2581"))
        weight[token, bin_of(letter)] = 1 / STRIDE
        bias[token] = 0
    bias[BLANK] = BLANK_LOGIT
    return [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")]


def _listen(features: str, logits: str) -> onnx.NodeProto:
    return helper.make_node(
        "Conv", [features, "weight", "bias"], [logits], kernel_shape=[STRIDE], strides=[STRIDE], pads=[0, STRIDE - 1]
    )


def _save(name: str, nodes, inputs, outputs, initializers) -> None:
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, FOLDER / f"{name}.onnx")


def _tensor(name: str, kind: int, *shape: str | int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def ctc(name: str) -> None:
    """features → log_probs."""
    nodes = [
        _listen("features", "scores"),
        helper.make_node("Transpose", ["scores"], ["logits"], perm=[0, 2, 1]),
        helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=-1),
        helper.make_node("Identity", ["feature_lengths"], ["unused"]),
    ]
    inputs = [
        _tensor("features", TensorProto.FLOAT, "batch", MELS, "frames"),
        _tensor("feature_lengths", TensorProto.INT64, "batch"),
    ]
    outputs = [_tensor("log_probs", TensorProto.FLOAT, "batch", "steps", CLASSES)]
    _save(name, nodes, inputs, outputs, _ear())


def rnnt(name: str) -> None:
    """Encoder, predictor and joint."""
    numbers = {"one": 1, "stride": STRIDE}
    constants = [numpy_helper.from_array(np.array(value, np.int64), key) for key, value in numbers.items()]
    nodes = [
        _listen("audio_signal", "encoded"),
        helper.make_node("Sub", ["length", "one"], ["last"]),
        helper.make_node("Div", ["last", "stride"], ["steps"]),
        helper.make_node("Add", ["steps", "one"], ["counted"]),
        helper.make_node("Cast", ["counted"], ["encoded_len"], to=TensorProto.INT32),
    ]
    _save(
        f"{name}_encoder",
        nodes,
        [
            _tensor("audio_signal", TensorProto.FLOAT, "batch", MELS, "frames"),
            _tensor("length", TensorProto.INT64, "batch"),
        ],
        [
            _tensor("encoded", TensorProto.FLOAT, "batch", CLASSES, "steps"),
            _tensor("encoded_len", TensorProto.INT32, "batch"),
        ],
        [*_ear(), *constants],
    )
    said = np.eye(CLASSES, dtype=np.float32)
    said[BLANK] = 0
    nodes = [
        helper.make_node("Gather", ["said", "x"], ["dec"], axis=0),
        helper.make_node("Identity", ["h.1"], ["h"]),
        helper.make_node("Identity", ["c.1"], ["c"]),
    ]
    state = (1, 1, HIDDEN)
    _save(
        f"{name}_decoder",
        nodes,
        [
            _tensor("x", TensorProto.INT64, 1, 1),
            _tensor("h.1", TensorProto.FLOAT, *state),
            _tensor("c.1", TensorProto.FLOAT, *state),
        ],
        [
            _tensor("dec", TensorProto.FLOAT, 1, 1, CLASSES),
            _tensor("h", TensorProto.FLOAT, *state),
            _tensor("c", TensorProto.FLOAT, *state),
        ],
        [numpy_helper.from_array(said, "said")],
    )
    nodes = [
        helper.make_node("Mul", ["dec", "never"], ["forbidden"]),
        helper.make_node("Add", ["enc", "forbidden"], ["allowed"]),
        helper.make_node("Unsqueeze", ["allowed", "axis"], ["opened"]),
        helper.make_node("Transpose", ["opened"], ["joint"], perm=[0, 3, 1, 2]),
    ]
    _save(
        f"{name}_joint",
        nodes,
        [_tensor("enc", TensorProto.FLOAT, 1, CLASSES, 1), _tensor("dec", TensorProto.FLOAT, 1, CLASSES, 1)],
        [_tensor("joint", TensorProto.FLOAT, 1, 1, 1, CLASSES)],
        [
            numpy_helper.from_array(np.array(NEVER, np.float32), "never"),
            numpy_helper.from_array(np.array([1], np.int64), "axis"),
        ],
    )


def main() -> None:
    """All of them."""
    ctc("v3_ctc")
    rnnt("v3_rnnt")


if __name__ == "__main__":
    main()
