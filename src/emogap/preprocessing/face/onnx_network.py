"""The adapter to onnxruntime; the only file that knows it, and it is imported when a network is opened.

One thread per network: frames are few, recordings are worked on side by side, and the sums stay the same on every
machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face.onnx_file import with_output

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["OnnxNetwork", "open_network"]

MOST_FRAMES = 16
"""Pictures run at once; bounds the memory."""

REFUSALS = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NotImplemented", "RuntimeException")
"""What onnxruntime raises over a file that it cannot use."""

FIX = "give the ONNX file of an expression network and its card"

Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OnnxNetwork:
    """A network of one input, from arrays to arrays.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
    input_name : str
    input_shape : tuple of int or None
        None where any size will do.
    outputs : mapping from name to shape
        As the file declares them; the tensor that was asked for from within is not among them.
    """

    session: "InferenceSession"
    input_name: str
    input_shape: Shape
    outputs: Mapping[str, Shape]

    def run(self, pictures: Float32[ndarray, "F ..."], tensor: str) -> Float32[ndarray, "F ..."]:
        """The values of `tensor` for each picture."""
        step = self.input_shape[0] or MOST_FRAMES
        parts = [
            self.session.run([tensor], {self.input_name: pictures[start : start + step]})[0]
            for start in range(0, len(pictures), step)
        ]
        values: Float32[ndarray, "F ..."] = np.concatenate(parts)
        return values


def open_network(path: Path, *, inner: str | None = None) -> OnnxNetwork:
    """The network in the ONNX file at `path`.

    Parameters
    ----------
    path : Path
    inner : str, optional
        Name of a tensor within the network that can be asked for, as if it were an output.

    Raises
    ------
    UsageError
        If onnxruntime is not installed.
    DataError
        If the file is no network of one picture input, or has no tensor `inner`.
    """
    content = path.read_bytes()
    session = _session(content, path)
    outputs = {output.name: _shape(output.shape) for output in session.get_outputs()}
    if inner is not None and inner not in outputs:
        session = _session(with_output(content, inner), path, asked_for=f"the tensor '{inner}' in ")
    inputs = session.get_inputs()
    found = ", ".join(f"{each.name} {each.type} {each.shape}" for each in inputs)
    if len(inputs) != 1 or inputs[0].type != "tensor(float)":
        raise DataError(f"a network of one float input is needed, this one has {found}", where=str(path), fix=FIX)
    shape = _shape(inputs[0].shape)
    if len(shape) != 4 or shape[0] not in (None, 1):
        raise DataError(f"its input is not one of single pictures: {found}", where=str(path), fix=FIX)
    return OnnxNetwork(session, inputs[0].name, shape, outputs)


def _session(content: bytes, path: Path, *, asked_for: str = "") -> "InferenceSession":
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state
    except ModuleNotFoundError as error:
        raise UsageError("networks in ONNX need onnxruntime", fix='pip install "emogap[faces]"') from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    refusals = tuple(getattr(onnxruntime_pybind11_state, kind) for kind in REFUSALS)
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except refusals as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"onnxruntime cannot use {asked_for}this file ({reason:.200})", where=str(path), fix=FIX
        ) from error


def _shape(declared: list[int | str | None]) -> Shape:
    return tuple(size if isinstance(size, int) else None for size in declared)
