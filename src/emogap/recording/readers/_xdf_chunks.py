"""The chunks of an XDF file, checked one by one: pyxdf jumps over what is damaged, here it is refused with its byte.

XDF 1.0: ``XDF:``, then chunks of [bytes of the length][length][tag, 2 bytes][content]; tags 1 file header, 2 stream
header, 3 samples, 4 clock offset, 5 boundary, 6 stream footer.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from emogap.counted_nouns import counted
from emogap.errors import DataError

__all__ = ["MAGIC", "XdfStream", "read_streams"]

MAGIC = b"XDF:"
LENGTHS = {1: "<B", 4: "<I", 8: "<Q"}
FORMATS = {"int8": 1, "int16": 2, "int32": 4, "int64": 8, "float32": 4, "double64": 8, "string": 0}
HEADER, SAMPLES, OFFSET, FOOTER = 2, 3, 4, 6
MAX_CHANNELS = 10_000


@dataclass(slots=True)
class XdfStream:
    """What one stream says of itself, and how many samples its chunks announce."""

    stream_id: int
    header: ElementTree.Element
    num_samples: int = 0
    num_offsets: int = 0
    footer: ElementTree.Element | None = None
    num_channels: int = field(init=False)
    channel_format: str = field(init=False)
    nominal_hz: float = field(init=False)

    def __post_init__(self) -> None:
        self.num_channels = int(self.text("channel_count"))
        self.channel_format = self.text("channel_format")
        self.nominal_hz = float(self.text("nominal_srate"))
        limits = 0 < self.num_channels <= MAX_CHANNELS and 0 <= self.nominal_hz < float("inf")
        if not limits or self.channel_format not in FORMATS:
            raise ValueError(
                f"{self.num_channels} channels of '{self.channel_format}' at {self.nominal_hz} Hz cannot be"
            )

    def text(self, name: str) -> str:
        """An entry of the header; empty where it is absent."""
        return (self.header.findtext(name) or "").strip()

    @property
    def is_text(self) -> bool:
        """Whether the samples are texts, such as markers."""
        return self.channel_format == "string"

    @property
    def name(self) -> str:
        """Name of the stream, or its number."""
        return self.text("name") or str(self.stream_id)


def read_streams(path: Path) -> dict[int, XdfStream]:
    """Every stream of the file by its number; each chunk is whole.

    Raises
    ------
    DataError
        If the file is empty, no XDF file, or if a chunk is cut, damaged, or of a stream without a header; names the
        byte at which the chunk begins.
    """
    streams: dict[int, XdfStream] = {}
    size = path.stat().st_size
    if not size:
        raise DataError("the file is empty", where=str(path), fix="copy it again from where it was recorded")
    with path.open("rb") as stream:
        if stream.read(4) != MAGIC:
            raise DataError(
                "this is no XDF file: it does not begin with 'XDF:'",
                where=f"{path}, byte 0",
                fix="a compressed file (.xdfz) must be unpacked first",
            )
        for start, tag, length in _chunks(path, stream, size):
            try:
                _read_chunk(stream, tag, length, streams)
            except (ElementTree.ParseError, struct.error, ValueError, KeyError) as error:
                raise _damaged(path, start, f"it does not hold what its tag {tag} says ({error})") from error
    return streams


def _chunks(path: Path, stream: BinaryIO, size: int) -> Iterator[tuple[int, int, int]]:
    """Where each chunk begins, its tag, and the length of its content; the next one is read from its end."""
    while stream.tell() < size:
        start = stream.tell()
        first = stream.read(1)
        width = LENGTHS.get(first[0])
        if width is None:
            raise _damaged(path, start, "it begins with no length")
        encoded = stream.read(first[0])
        if len(encoded) < first[0] or stream.tell() + 2 > size:
            raise _damaged(path, start, "the file ends within it")
        (length,) = struct.unpack(width, encoded)
        content_start = stream.tell()
        if length < 2 or content_start + length > size:
            raise _damaged(path, start, "the file ends within it" if length >= 2 else "it has no tag")
        (tag,) = struct.unpack("<H", stream.read(2))
        yield start, tag, length - 2
        stream.seek(content_start + length)


def _damaged(path: Path, start: int, how: str) -> DataError:
    return DataError(
        f"a chunk is cut or damaged: {how}", where=f"{path}, byte {start}", fix="copy the file again from the recorder"
    )


def _read_chunk(stream: BinaryIO, tag: int, length: int, streams: dict[int, XdfStream]) -> None:
    """Take in one chunk; what does not fit raises one of the errors that the caller names with its place."""
    if tag not in (HEADER, SAMPLES, OFFSET, FOOTER):
        return
    (stream_id,) = struct.unpack("<I", stream.read(4))
    if tag == HEADER:
        content = stream.read(length - 4).decode("utf-8")
        streams[stream_id] = XdfStream(stream_id, ElementTree.fromstring(content))
        return
    if stream_id not in streams:
        raise ValueError(f"stream {stream_id} has no header before it")
    if tag == FOOTER:
        streams[stream_id].footer = ElementTree.fromstring(stream.read(length - 4).decode("utf-8"))
    elif tag == OFFSET:
        streams[stream_id].num_offsets += 1
        if length != 20:
            raise ValueError(f"a clock offset has 20 bytes, this one {length}")
    else:
        streams[stream_id].num_samples += _count_samples(stream, length, streams[stream_id])


def _count_samples(stream: BinaryIO, length: int, of: XdfStream) -> int:
    """Samples that a chunk announces, checked against its bytes; of texts, against the least that they take."""
    width = stream.read(1)[0]
    (num_samples,) = struct.unpack(LENGTHS[width], stream.read(width))
    left = length - 4 - 1 - width
    if of.is_text:
        fits = left >= num_samples * (1 + 2 * of.num_channels)
    else:
        fits = _holds(stream.read(left), num_samples, of.num_channels * FORMATS[of.channel_format])
    if not fits:
        raise ValueError(f"{counted(num_samples, 'sample')} of {of.num_channels} channels do not take {left} bytes")
    return int(num_samples)


def _holds(body: bytes, num_samples: int, row_bytes: int) -> bool:
    """Whether the bytes are so many samples: each a flag of 8 and a time stamp, or a flag of 0, and its values."""
    for flag, stamp_bytes in ((8, 8), (0, 0)):
        each = 1 + stamp_bytes + row_bytes
        if len(body) == num_samples * each:
            flags = body[::each]
            if flags == bytes([flag]) * num_samples:
                return True
    place, count = 0, 0
    while place < len(body) and body[place] in (0, 8):
        place += 1 + body[place] + row_bytes
        count += 1
    return place == len(body) and count == num_samples
