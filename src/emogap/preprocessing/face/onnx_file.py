"""The few bytes of an ONNX file that are read and written here, so that a layer within a network can be looked at.

An ONNX file is one protocol buffer message. Messages that are joined end to end are merged, repeated fields appended
(protobuf encoding guide, "Last one wins"); so a message that holds nothing but one more output, put behind the file,
is the same network with that output. Field numbers are those of onnx.proto (IR version 3 and later).
"""

from collections.abc import Iterator

from emogap.errors import DataError

__all__ = ["input_of_last_layer", "with_output"]

GRAPH, NODE, NODE_INPUT, GRAPH_OUTPUT, VALUE_NAME = 7, 1, 1, 12, 1
"""ModelProto.graph, GraphProto.node, NodeProto.input, GraphProto.output, ValueInfoProto.name."""

VARINT, EIGHT_BYTES, WITH_LENGTH, FOUR_BYTES = 0, 1, 2, 5
"""Wire types of a field: the lowest three bits of its key."""


def with_output(content: bytes, tensor: str) -> bytes:
    """The ONNX file `content` with `tensor`, any tensor within the network, as one more output."""
    value = _field(VALUE_NAME, tensor.encode())
    return content + _field(GRAPH, _field(GRAPH_OUTPUT, value))


def input_of_last_layer(content: bytes) -> str:
    """Name of the tensor that the last node of the network reads first.

    Raises
    ------
    DataError
        If `content` is no ONNX file, or has no nodes.
    """
    last: bytes | None = None
    for number, graph in _fields(content):
        if number == GRAPH:
            for within, node in _fields(graph):
                last = node if within == NODE else last
    inputs = [value for number, value in _fields(last or b"") if number == NODE_INPUT]
    if not inputs:
        raise DataError("this ONNX file has no layers")
    return inputs[0].decode()


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each field of `message` that has a length; numbers are passed over."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == VARINT:
            _, at = _varint(message, at)
        elif kind in (EIGHT_BYTES, FOUR_BYTES):
            at += 8 if kind == EIGHT_BYTES else 4
        elif kind == WITH_LENGTH:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise DataError("not an ONNX file, or cut off")
            yield key >> 3, message[at : at + length]
            at += length
        else:
            raise DataError("not an ONNX file")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins at byte `at`, seven bits a byte, lowest first; and where it ends."""
    value = 0
    for position, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            return value, at + position + 1
    raise DataError("not an ONNX file, or cut off")


def _field(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | WITH_LENGTH) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)
