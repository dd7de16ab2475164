"""Which of several faces is the participant's."""

import re
from dataclasses import dataclass

from emogap.errors import UsageError
from emogap.preprocessing.face.tracking import AWAY_S, FrameFaces, TrackedFace

__all__ = ["ChosenFace", "FaceChoice", "parse_choice"]


@dataclass(frozen=True, slots=True)
class FaceChoice:
    """How a face is chosen among several: by `rule`, or by its `number`, or nearest to `point_px`.

    Attributes
    ----------
    rule : str
        ``"largest"``, ``"left"`` or ``"right"`` as the picture shows them, ``"number"``, ``"point"``.
    number : int or None
        The number of a face, from 1 in order of appearing.
    point_px : tuple of 2 floats or None
        x and y in pixels, origin top left.
    """

    rule: str = "largest"
    number: int | None = None
    point_px: tuple[float, float] | None = None


def parse_choice(text: str) -> FaceChoice:
    """The choice that `text` describes: ``largest``, ``left``, ``right``, a number from 1, or ``X,Y`` in pixels.

    Raises
    ------
    UsageError
        If it is none of them.

    Examples
    --------
    >>> parse_choice("320,180").point_px
    (320.0, 180.0)
    """
    word = text.strip().lower()
    if word in {"largest", "left", "right"}:
        return FaceChoice(word)
    if re.fullmatch(r"[1-9]\d*", word):
        return FaceChoice("number", number=int(word))
    if point := re.fullmatch(r"(\d+(?:\.\d*)?)\s*,\s*(\d+(?:\.\d*)?)", word):
        return FaceChoice("point", point_px=(float(point[1]), float(point[2])))
    raise UsageError(
        f"'{text}' chooses no face",
        fix="choose 'largest', 'left' or 'right' (as the picture shows them), the number of a face (1, 2, ...), "
        "or the face nearest to a point: X,Y in pixels",
    )


class ChosenFace:
    """The face to go on with, frame by frame.

    Once chosen a face stays chosen while it is there, whoever else comes in; after it has been away for more than a
    second the rule chooses anew. A face chosen by number is never replaced by another.
    """

    def __init__(self, choice: FaceChoice) -> None:
        self._choice = choice
        self._number: int | None = choice.number
        self._seen_s = float("-inf")

    def of(self, frame: FrameFaces) -> TrackedFace | None:
        """The chosen face of the next frame; None if it is not there."""
        here = next((tracked for tracked in frame.faces if tracked.number == self._number), None)
        is_gone = frame.time_s - self._seen_s > AWAY_S
        if here is None and is_gone and self._choice.rule != "number" and frame.faces:
            here = self._chosen_among(frame.faces)
            self._number = here.number
        if here is not None:
            self._seen_s = frame.time_s
        return here

    def _chosen_among(self, faces: tuple[TrackedFace, ...]) -> TrackedFace:
        if self._choice.rule == "left":
            return min(faces, key=lambda tracked: tracked.face.centre_px[0])
        if self._choice.rule == "right":
            return max(faces, key=lambda tracked: tracked.face.centre_px[0])
        if self._choice.point_px is not None:
            x, y = self._choice.point_px
            return min(faces, key=lambda tracked: _distance_px(tracked, x, y))
        return faces[0]


def _distance_px(tracked: TrackedFace, x: float, y: float) -> float:
    centre_x, centre_y = tracked.face.centre_px
    return float(((centre_x - x) ** 2 + (centre_y - y) ** 2) ** 0.5)
