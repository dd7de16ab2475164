"""A stimulus video with somebody's gaze on it, read, drawn and written frame by frame."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from jaxtyping import UInt8
from numpy import ndarray

from emogap.errors import UsageError
from emogap.interfaces.video_writing import writing_video
from emogap.preprocessing.fixation_map import fixation_map
from emogap.preprocessing.merge import cyclopean
from emogap.preprocessing.visual_angle import screen_extent_deg
from emogap.recording.video import read_frames
from emogap.reporting.figures.gaze_on_stimulus import GazeDrawing, draw_gaze_frames
from emogap.types import FixationMap, Recording

__all__ = ["write_gaze_video"]

Picture = UInt8[ndarray, "H W 3"]

HEAT_SHAPE = (54, 96)


def write_gaze_video(
    recording: Recording,
    video: Path,
    out: Path,
    *,
    heat_s: float | None = 2.0,
    extent_deg: tuple[float, float] | None = None,
    drawing: GazeDrawing | None = None,
) -> Path:
    """Write the stimulus video `video` to `out` with the gaze of `recording` on it, and return `out`.

    Parameters
    ----------
    recording : Recording
        One stimulus, trimmed and cleaned: zero is the first frame, gaze is in degrees, the last of ``events`` is ours.
    video : Path
        The stimulus, as it was shown.
    out : Path
        Ends in ``.mp4``; H.264 without sound, every frame at its own time.
    heat_s : float, optional
        The heat shows the fixations of so many seconds before each frame; None: the trail alone.
    extent_deg : (float, float), optional
        Width and height of the video on the screen, in degrees; the whole screen if not given.
    drawing : GazeDrawing, optional

    Raises
    ------
    UsageError
        If gaze is missing or not in degrees, or the size of the screen is needed and unknown.
    DataError
        If the video cannot be read.
    OutputError
        If the result cannot be written; what stood there before still stands.

    Notes
    -----
    One frame is in memory at a time. Gaze is on the clock of the tracker and drawn on the frame whose presentation time
    is nearest before it; a monitor shows a frame some 10 to 30 ms later than it was sent.
    """
    gaze = recording.gaze
    if gaze is None or gaze.frame != "deg" or not recording.events:
        raise UsageError(
            "gaze is drawn in degrees, with events", where=recording.recording_id, fix="trim and clean it first"
        )
    if extent_deg is None:
        if recording.screen is None:
            raise UsageError(
                "how large the video was is unknown", where=recording.recording_id, fix="give extent_deg in degrees"
            )
        extent_deg = screen_extent_deg(recording.screen)
    events, covered = recording.events[-1], extent_deg

    def heat_at(now_s: float) -> FixationMap:
        assert heat_s is not None
        return fixation_map(events, from_s=now_s - heat_s, to_s=now_s + 1e-6, extent_deg=covered, shape=HEAT_SHAPE)

    position_deg, _ = cyclopean(gaze)
    drawn = draw_gaze_frames(
        _from_zero(read_frames(video)),
        gaze.time_s,
        position_deg,
        extent_deg=extent_deg,
        heat_at=None if heat_s is None else heat_at,
        drawing=drawing,
    )
    with writing_video(out) as write:
        for time_s, picture in drawn:
            write(time_s, picture)
    return out


def _from_zero(frames: Iterable[tuple[float, Picture]]) -> Iterator[tuple[float, Picture]]:
    """The same frames, the first at 0 s."""
    first_s = None
    for time_s, picture in frames:
        first_s = time_s if first_s is None else first_s
        yield time_s - first_s, picture
