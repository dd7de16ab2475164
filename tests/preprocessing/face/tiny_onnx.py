"""ONNX files of a tiny network, written byte by byte after onnx.proto, so that no other library is needed.

The network averages each colour over the picture (tensor ``mean``) and gives ``mean @ matrix + bias`` (``scores``).
"""

from pathlib import Path

import numpy as np


def tiny_network(
    path: Path,
    matrix: np.ndarray,
    *,
    bias: np.ndarray | None = None,
    side_px: int = 9,
    layout: str = "NCHW",
    softmax: bool = False,
) -> Path:
    """Write a network with as many colours and classes as `matrix` has rows and columns."""
    colours, classes = matrix.shape
    bias = np.zeros(classes) if bias is None else bias
    picture = [colours, side_px, side_px] if layout == "NCHW" else [side_px, side_px, colours]
    first = [] if layout == "NCHW" else [node("Transpose", ["picture"], "turned", perm=[0, 3, 1, 2])]
    nodes = [
        *first,
        node("GlobalAveragePool", ["turned" if first else "picture"], "pooled"),
        node("Flatten", ["pooled"], "mean"),
        *([node("Gemm", ["mean", "matrix", "bias"], "logits" if softmax else "scores")]),
        *([node("Softmax", ["logits"], "scores")] if softmax else []),
    ]
    graph = b"".join(
        [
            *(field(1, each) for each in nodes),
            field(2, b"tiny"),
            field(5, tensor("matrix", matrix)),
            field(5, tensor("bias", bias)),
            field(11, value("picture", picture)),
            field(12, value("scores", [classes])),
        ]
    )
    path.write_bytes(number(1, 8) + field(8, number(2, 13)) + field(7, graph))
    return path


def node(kind: str, inputs: list[str], output: str, **ints: list[int]) -> bytes:
    attributes = [
        field(1, name.encode()) + number(20, 7) + b"".join(number(8, each) for each in values)
        for name, values in ints.items()
    ]
    parts = [field(1, name.encode()) for name in inputs] + [field(2, output.encode()), field(4, kind.encode())]
    return b"".join(parts + [field(5, attribute) for attribute in attributes])


def tensor(name: str, values: np.ndarray) -> bytes:
    shape = b"".join(number(1, size) for size in values.shape)
    return shape + number(2, 1) + field(8, name.encode()) + field(9, values.astype("<f4").tobytes())


def value(name: str, sizes: list[int]) -> bytes:
    dims = field(1, field(2, b"N")) + b"".join(field(1, number(1, size)) for size in sizes)
    return field(1, name.encode()) + field(2, field(1, number(1, 1) + field(2, dims)))


def field(key: int, content: bytes) -> bytes:
    return varint(key << 3 | 2) + varint(len(content)) + content


def number(key: int, value: int) -> bytes:
    return varint(key << 3) + varint(value)


def varint(value: int) -> bytes:
    digits = []
    while value > 127:
        digits.append(value % 128 + 128)
        value //= 128
    return bytes([*digits, value])
