"""How the frames of gaze are told in BIDS: unit, coordinate system, origin of the screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from emogap.types import Screen

__all__ = ["FRAME_TERMS", "FrameTerms", "screen_from_presentation", "stimulus_presentation"]


@dataclass(frozen=True, slots=True)
class FrameTerms:
    """A frame in the words of BIDS.

    Attributes
    ----------
    units : str
        ``Units`` of both coordinates.
    system : str
        ``SampleCoordinateSystem``.
    origin : (str, str) or None
        ``ScreenOrigin``, vertical before horizontal; None where no screen is meant.
    x, y : str
        Descriptions of the columns.
    """

    units: str
    system: str
    origin: tuple[str, str] | None
    x: str
    y: str


FRAME_TERMS: Mapping[str, FrameTerms] = MappingProxyType(
    {
        "screen_px": FrameTerms(
            "pixel",
            "gaze-on-screen",
            ("top", "left"),
            "Point of gaze, to the right of the left edge of the screen.",
            "Point of gaze, downwards from the upper edge of the screen.",
        ),
        "screen_mm": FrameTerms(
            "mm",
            "gaze-on-screen",
            ("bottom", "left"),
            "Point of gaze, to the right of the left edge of the screen.",
            "Point of gaze, upwards from the lower edge of the screen.",
        ),
        "screen_norm": FrameTerms(
            "1",
            "gaze-on-screen",
            ("top", "left"),
            "Point of gaze, to the right of the left edge, as a share of the width of the screen.",
            "Point of gaze, downwards from the upper edge, as a share of the height of the screen.",
        ),
        "deg": FrameTerms(
            "deg",
            "gaze-on-screen",
            ("center", "center"),
            "Visual angle of the point of gaze, to the right of the centre of the screen.",
            "Visual angle of the point of gaze, upwards from the centre of the screen.",
        ),
        "scene_px": FrameTerms(
            "pixel",
            "gaze-in-world",
            None,
            "Point of gaze in the picture of the head-worn scene camera, to the right of its left edge.",
            "Point of gaze in the picture of the head-worn scene camera, downwards from its upper edge.",
        ),
        "scene_norm": FrameTerms(
            "1",
            "gaze-in-world",
            None,
            "Point of gaze in the picture of the head-worn scene camera, as a share of its width from the left.",
            "Point of gaze in the picture of the head-worn scene camera, as a share of its height from above.",
        ),
        "camera_deg": FrameTerms(
            "deg",
            "custom",
            None,
            "Direction of the eye, right of the axis of the camera that films the face, as seen by the person.",
            "Direction of the eye, above the axis of the camera that films the face.",
        ),
    }
)


def stimulus_presentation(screen: Screen | None, origin: tuple[str, str] | None) -> dict[str, object] | None:
    """``StimulusPresentation`` of an events sidecar; None unless everything that gaze on a screen needs is known."""
    if screen is None or screen.size_mm is None or screen.distance_mm is None or origin is None:
        return None
    return {
        "ScreenDistance": _shifted(screen.distance_mm, -3),
        "ScreenOrigin": list(origin),
        "ScreenResolution": list(screen.size_px),
        "ScreenSize": [_shifted(size_mm, -3) for size_mm in screen.size_mm],
    }


def screen_from_presentation(
    size_px: tuple[int, int], size_m: tuple[float, float] | None, distance_m: float | None
) -> Screen:
    """The screen that metres and pixels of a ``StimulusPresentation`` describe."""
    return Screen(
        size_px,
        None if size_m is None else (_shifted(size_m[0], 3), _shifted(size_m[1], 3)),
        None if distance_m is None else _shifted(distance_m, 3),
    )


def _shifted(value: float, places: int) -> float:
    """`value` with its decimal point moved: a product of floats would turn 647.25 mm into another number and back."""
    return float(Decimal(repr(float(value))).scaleb(places))
