"""``emogap plot``: one figure of where and how somebody looked, from a study or from one file of a tracker.

Read :func:`plot` first. What is drawn is chosen here; how it is drawn stands in ``reporting.figures``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError, EmogapError, UnknownNameError, UsageError
from emogap.files import write_bytes
from emogap.interfaces.plotting_rows import measured_windows, trace_rows, window_length_s
from emogap.interfaces.web.opened import open_place
from emogap.interfaces.web.sessions import PlayedTrial, Sessions
from emogap.preprocessing import clean, fixation_map, screen_extent_deg, trim
from emogap.preprocessing.runs import any_eye, find_losses
from emogap.recording.derived import record_derived
from emogap.recording.study import study_around
from emogap.recording.video import frame_times, read_frames_at
from emogap.reporting.figures.eye_trace import trace_figure
from emogap.reporting.figures.fixation_density import density_figure
from emogap.reporting.figures.pdf import svg_to_pdf, svg_to_png
from emogap.reporting.figures.quality_course import quality_course
from emogap.reporting.figures.scanpath import scanpath_figure
from emogap.reporting.figures.screen_view import ScreenView
from emogap.types import FixationMap, Recording, StimulusInterval

__all__ = ["KINDS", "PlotChoice", "Plotted", "plot"]

MAP_SHAPE = (135, 240)
"""Cells of a fixation map; a Gaussian of one degree is then some ten cells wide on a usual screen."""


@dataclass(frozen=True, slots=True)
class PlotChoice:
    """What is to be drawn.

    Attributes
    ----------
    participant : str or None
        A participant or a recording; None = the only one, and for ``heatmap`` and ``quality`` everybody.
    stimulus : str or None
        None = the only one, and for ``trace`` and ``quality`` the whole recording.
    from_s, to_s : float or None
        From the onset of the stimulus, or from the beginning of the recording if none was chosen.
    cleaning : str
        Preset whose alterations ``trace`` marks.
    """

    participant: str | None = None
    stimulus: str | None = None
    from_s: float | None = None
    to_s: float | None = None
    cleaning: str = "standard"


@dataclass(frozen=True, slots=True)
class Plotted:
    """What was drawn: the file, whose recordings, which stimulus, the window in s, and what is doubtful."""

    path: Path
    names: tuple[str, ...]
    stimulus: str | None
    from_s: float
    to_s: float
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Part of a recording: `interval` on its clock, and the window within it, in s from its beginning."""

    name: str
    recording: Recording
    interval: StimulusInterval
    stimulus: PlayedTrial | None
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class _Source:
    """Everything that may be drawn, and how the figure names it."""

    sessions: Sessions
    title: str
    people: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    svg: str
    names: tuple[str, ...]
    stretch: _Stretch
    doubts: tuple[str, ...] = ()


def plot(kind: str, source: Path, out: Path, choice: PlotChoice | None = None) -> Plotted:
    """Draw a figure and write it to `out`; the same files give the same bytes.

    Parameters
    ----------
    kind : {"scanpath", "heatmap", "trace", "quality"}
    source : Path
        Folder of a study, or one file of a tracker.
    out : Path
        Ends in ``.svg``, ``.pdf`` or ``.png``; replaced if it is there. A figure of a study, or of a file in one,
        stands in the study's list of what was made from it.
    choice : PlotChoice, optional

    Raises
    ------
    UnknownNameError
        If there is no such kind of figure, participant or stimulus.
    UsageError
        If it is not clear what is to be drawn, or gaze cannot be given in degrees.
    DataError
        If a file is damaged.
    OutputError
        If the figure cannot be written.
    """
    choice = choice or PlotChoice()
    if kind not in DRAWN_BY:
        raise UnknownNameError("figure", kind, KINDS)
    if out.suffix not in WRITTEN_BY:
        raise UsageError(
            f"a figure cannot be written as '{out.suffix}'", where=str(out), fix="end it in .svg .pdf .png"
        )
    opened = open_place(source)
    if opened.study is None and opened.recording is None:
        raise UsageError("there is no recording to plot", where=str(source), fix="give a study or a gaze file")
    people = "SIMULATED people; " if opened.is_simulated else ""
    drawn = DRAWN_BY[kind](_Source(Sessions(opened), opened.name, people), choice)
    content = WRITTEN_BY[out.suffix](drawn.svg)
    if (study := opened.study or study_around(source)) is not None:
        record_derived(study, out, by="plot")
    write_bytes(out, content)
    named = drawn.stretch.stimulus
    return Plotted(
        out,
        drawn.names,
        None if named is None else named.stimulus_id,
        drawn.stretch.from_s,
        drawn.stretch.to_s,
        drawn.doubts,
    )


WRITTEN_BY: Mapping[str, Callable[[str], bytes]] = {
    ".svg": str.encode,
    ".pdf": lambda svg: svg_to_pdf(svg, name="plot"),
    ".png": lambda svg: svg_to_png(svg, name="plot"),
}


def _scanpath(source: _Source, choice: PlotChoice) -> _Drawn:
    stretch = _stretch(source, _one_name(source, choice.participant), choice, is_one_stimulus=True)
    cleaned = trim(clean(stretch.recording, "none"), stretch.interval)
    assert cleaned.gaze is not None
    lost = find_losses(any_eye(cleaned.gaze.valid), cleaned.gaze.time_s, cleaned.gaze.rate_hz)
    svg = scanpath_figure(
        _view(stretch),
        cleaned.events[-1],
        losses=np.column_stack([lost.onset_s, lost.offset_s]),
        from_s=stretch.from_s,
        to_s=stretch.to_s,
        title=_title(source, "scanpath", stretch.name, stretch),
        note=_note(source, stretch),
    )
    return _Drawn(svg, (stretch.name,), stretch)


def _heatmap(source: _Source, choice: PlotChoice) -> _Drawn:
    names = source.sessions.names if choice.participant is None else (_one_name(source, choice.participant),)
    maps: list[tuple[FixationMap, float]] = []
    drawn: list[_Stretch] = []
    doubts: list[str] = []
    view: ScreenView | None = None
    for name in names:
        try:
            stretch = _stretch(source, name, choice, is_one_stimulus=True)
            view = view or _view(stretch)
            found = _map_of(stretch, view.extent_deg)
        except EmogapError as problem:
            if len(names) == 1 or (choice.stimulus is None and choice.to_s is None):
                raise
            doubts.append(f"{name} is left out: {problem.what}")
            continue
        maps.append(found)
        drawn.append(stretch)
    if not drawn or view is None:
        raise UsageError("nobody's gaze can be drawn", where=source.title, fix=doubts[0] if doubts else "record first")
    seconds = sum(each for _, each in maps)
    density = sum(each.density * (lasted / seconds) for each, lasted in maps) if seconds else maps[0][0].density
    heat = maps[0][0]
    whole = FixationMap(np.asarray(density, np.float32), heat.extent_deg, heat.sigma_deg, heat.from_s, heat.to_s)
    shown = tuple(stretch.name for stretch in drawn)
    who = shown[0] if len(shown) == 1 else f"{len(shown)} {'recordings' if source.sessions.study is None else 'people'}"
    svg = density_figure(
        view,
        whole,
        seconds=seconds,
        title=_title(source, "fixation density", who, drawn[0]),
        note=_note(source, drawn[0]),
    )
    return _Drawn(svg, shown, drawn[0], tuple(doubts))


def _map_of(stretch: _Stretch, extent_deg: tuple[float, float]) -> tuple[FixationMap, float]:
    """The map of one person, and the seconds of fixations on the screen that it speaks of."""
    events = trim(clean(stretch.recording, "none"), stretch.interval).events[-1]
    heat = fixation_map(events, from_s=stretch.from_s, to_s=stretch.to_s, extent_deg=extent_deg, shape=MAP_SHAPE)
    on_screen = (events.kind == "fixation") & (np.abs(events.centre) <= np.asarray(extent_deg) / 2).all(axis=1)
    lasted_s = np.minimum(events.offset_s, stretch.to_s) - np.maximum(events.onset_s, stretch.from_s)
    return heat, float(np.maximum(lasted_s, 0.0)[on_screen].sum())


def _trace(source: _Source, choice: PlotChoice) -> _Drawn:
    stretch = _stretch(source, _one_name(source, choice.participant), choice, is_one_stimulus=False)
    shift_s = stretch.interval.onset_s if stretch.stimulus is not None else 0.0
    rows, intervals = trace_rows(
        stretch.recording, choice.cleaning, from_s=stretch.from_s, to_s=stretch.to_s, shift_s=shift_s
    )
    trials = source.sessions.session(stretch.name).trials
    svg = trace_figure(
        rows,
        intervals,
        stimuli=[
            StimulusInterval(each.stimulus_id, each.onset_s - shift_s, each.onset_s + each.duration_s - shift_s)
            for each in trials
        ],
        from_s=stretch.from_s,
        to_s=stretch.to_s,
        title=_title(source, "gaze, pupil and events", stretch.name, stretch),
        note=f"{source.people}cleaning '{choice.cleaning}'; what it altered stands in another colour",
        time_name=_time_name(stretch),
    )
    return _Drawn(svg, (stretch.name,), stretch)


def _quality(source: _Source, choice: PlotChoice) -> _Drawn:
    names = source.sessions.names if choice.participant is None else (_one_name(source, choice.participant),)
    rows, doubts = [], []
    first: _Stretch | None = None
    window_s = 0.0
    for name in names:
        try:
            stretch = _stretch(source, name, choice, is_one_stimulus=False)
            window_s = window_s or window_length_s(stretch.to_s - stretch.from_s)
            rows.append(
                measured_windows(
                    name,
                    stretch.recording,
                    from_s=stretch.interval.onset_s + stretch.from_s,
                    to_s=stretch.interval.onset_s + stretch.to_s,
                    window_s=window_s,
                )
            )
        except EmogapError as problem:
            if len(names) == 1:
                raise
            doubts.append(f"{name} is left out: {problem.what}")
            continue
        first = first or stretch
    if first is None:
        raise UsageError("no session can be measured", where=source.title, fix=doubts[0] if doubts else "record first")
    svg = quality_course(
        rows,
        from_s=first.from_s,
        window_s=window_s,
        title=_title(source, "data quality", "" if len(rows) > 1 else first.name, first),
        note=f"{source.people}as measured, in windows of {window_s:g} s; a dot: it cannot be said",
        time_name=_time_name(first),
    )
    return _Drawn(svg, tuple(row.name for row in rows), first, tuple(doubts))


DRAWN_BY: Mapping[str, Callable[[_Source, PlotChoice], _Drawn]] = {
    "scanpath": _scanpath,
    "heatmap": _heatmap,
    "trace": _trace,
    "quality": _quality,
}
KINDS = tuple(DRAWN_BY)


def _one_name(source: _Source, participant: str | None) -> str:
    """The one recording that is meant, by its own name or by its participant's."""
    names = source.sessions.names
    if participant is None:
        if len(names) == 1:
            return names[0]
        some = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        raise UsageError(
            f"there are {counted(len(names), 'recording')}", where=source.title, fix=f"--participant, one of {some}"
        )
    if participant in names:
        return participant
    if source.sessions.study is None:
        theirs = [name for name in names if source.sessions.recording(name).participant_id == participant]
        if len(theirs) == 1:
            return theirs[0]
    raise UnknownNameError("participant", participant, names)


def _stretch(source: _Source, name: str, choice: PlotChoice, *, is_one_stimulus: bool) -> _Stretch:
    """What of a recording is to be drawn; the file is read."""
    recording = source.sessions.recording(name)
    gaze = recording.gaze
    if gaze is None or not len(gaze.time_s):
        raise UsageError("there are no gaze samples", where=name, fix="export samples, not only events")
    trials = source.sessions.session(name).trials
    shown = [each.stimulus_id for each in trials]
    chosen = next((each for each in trials if each.stimulus_id == choice.stimulus), None)
    if choice.stimulus is not None and chosen is None:
        raise UnknownNameError("stimulus", choice.stimulus, shown)
    if chosen is None and len(trials) == 1:
        chosen = trials[0]
    if chosen is None and is_one_stimulus and choice.to_s is None and trials:
        raise UsageError(
            f"{counted(len(trials), 'stimulus', 'was')} shown, and a picture shows one",
            where=name,
            fix=f"--stimulus, one of {', '.join(shown[:12])}; or --from and --to of the recording",
        )
    first_s, end_s = float(gaze.time_s[0]), float(gaze.time_s[-1]) + 1 / gaze.rate_hz
    if chosen is not None:
        interval = StimulusInterval(chosen.stimulus_id, chosen.onset_s, chosen.onset_s + chosen.duration_s)
        from_s, to_s = 0.0, chosen.duration_s
    else:
        # The whole recording, on its own clock: zero of the window is zero of the clock.
        interval = StimulusInterval(name, 0.0, max(end_s, 1e-6))
        from_s, to_s = first_s, end_s
    from_s = from_s if choice.from_s is None else choice.from_s
    to_s = to_s if choice.to_s is None else choice.to_s
    longest_s = interval.offset_s - interval.onset_s
    if not (0 <= from_s < to_s and from_s < longest_s):
        raise UsageError(
            f"the stretch from {from_s:g} to {to_s:g} s does not lie in the {longest_s:g} s there are",
            where=name,
            fix="give --from and --to in seconds from the onset of the stimulus, or of the recording",
        )
    return _Stretch(name, recording, interval, chosen, from_s, min(to_s, longest_s))


def _view(stretch: _Stretch) -> ScreenView:
    """The screen with what stood on it at the beginning of the window."""
    recording = stretch.recording
    if recording.screen is None:
        raise UsageError(
            "the size of the screen is unknown: nothing can be drawn on it",
            where=stretch.name,
            fix="give size_mm and distance_mm under [screen] in study.toml",
        )
    distance_mm = recording.screen.distance_mm
    if distance_mm is None and recording.gaze is not None and recording.gaze.origin_mm is not None:
        away_mm = np.abs(recording.gaze.origin_mm[..., 2])
        distance_mm = float(np.nanmedian(away_mm)) if np.isfinite(away_mm).any() else None
    extent_deg = screen_extent_deg(recording.screen, distance_mm=distance_mm)
    film = None if stretch.stimulus is None else stretch.stimulus.film
    return ScreenView(extent_deg, None if film is None else _frame(film, stretch.from_s))


def _frame(film: Path, at_s: float) -> UInt8[ndarray, "H W 3"]:
    """The frame of a film that is on `at_s` after its first; its last one if it is shorter."""
    times_s = frame_times(film)
    wanted_s = min(float(times_s[0]) + at_s, float(times_s[-1]))
    for _, picture in _frames(film, wanted_s):
        return picture
    raise DataError("no frame can be read", where=str(film), fix="copy the film again")


def _frames(film: Path, wanted_s: float) -> Iterator[tuple[float, UInt8[ndarray, "H W 3"]]]:
    return read_frames_at(film, np.array([wanted_s]))


def _title(source: _Source, what: str, who: str, stretch: _Stretch) -> str:
    named = "" if stretch.stimulus is None else f", {stretch.stimulus.stimulus_id}"
    return f"{source.title}: {what}{f', {who}' if who else ''}{named}"


def _note(source: _Source, stretch: _Stretch) -> str:
    on = "recording" if stretch.stimulus is None else "stimulus"
    return f"{source.people}{stretch.from_s:g} to {stretch.to_s:.4g} s of the {on}; fixations by velocity (I-VT)"


def _time_name(stretch: _Stretch) -> str:
    return "time of the recording (s)" if stretch.stimulus is None else "time from the onset of the stimulus (s)"
