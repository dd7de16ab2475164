"""From a session's files to ``clock.toml``: events are gathered from every source, and the best relation is written.

Read :func:`align_study`, then :func:`align_session`. The estimate itself is in ``preprocessing.synchronise``.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import tomli_w
from jaxtyping import Float
from joblib import Parallel, delayed
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError, EmogapError, UnknownNameError
from emogap.files import write_aside, write_bytes, write_json
from emogap.preprocessing import BlinkConfig, detect_blinks
from emogap.preprocessing.face.detectors import DETECTORS
from emogap.preprocessing.face.eye_edges import FaceSignals, face_signals
from emogap.preprocessing.face.weights import find_weights
from emogap.preprocessing.shared_events import flash_onsets, lid_dips
from emogap.preprocessing.synchronise import ClockEstimate, SynchroniseConfig, estimate_clock
from emogap.progress import track
from emogap.recording import open_recording
from emogap.recording.derived import record_derived
from emogap.recording.markers import Marker, read_markers
from emogap.recording.session import SessionFiles
from emogap.recording.study import Study, open_session, open_study
from emogap.recording.video import frame_times, read_frames
from emogap.reporting.figures.alignment import alignment_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FOLDER", "SOURCES", "Alignment", "Source", "align_session", "align_study"]

Source = Literal["markers", "flashes", "blinks"]
SOURCES: tuple[Source, ...] = get_args(Source)
"""``markers``: noted on both clocks in markers.tsv. ``flashes``: noted on the gaze clock, seen in the video's
luminance. ``blinks``: seen by the tracker and in the video."""

ONE_CLOCK = "no gaze was recorded: there is one clock, that of the face video, and nothing to align"

FOLDER = Path("derived") / "align"
"""Where figures and tables go, in the study."""

ALIGN_BLINKS = BlinkConfig(shortest_s=0.05, longest_s=0.6)
"""Wider than the default: what is no blink finds no partner in the video, what is left out cannot."""

ALONE = ("reference_alone_s", "other_alone_s")

Outcome = ClockEstimate | str
"""An estimate, or why there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """What became of one session.

    Attributes
    ----------
    participant_id : str
    source : Source or None
        Whose estimate was taken; None if none was.
    estimate : ClockEstimate or None
        From the face video's clock to the gaze clock.
    limit_ms : float or None
        Limit that the residual was held to; None where the video could not be read.
    outcomes : mapping from source to ClockEstimate or str
        Every source that was tried.
    other_clocks : mapping from name to ClockEstimate or str
        Further clocks of markers.tsv, to the gaze clock; reported, not used.
    problem : str or None
        Why there is no estimate; None if there is one.
    kept : str or None
        Why ``clock.toml`` was left as it was; None if it was written, or if there is a problem.
    """

    participant_id: str
    source: Source | None
    estimate: ClockEstimate | None
    limit_ms: float | None
    outcomes: Mapping[Source, Outcome]
    other_clocks: Mapping[str, Outcome]
    problem: str | None = None
    kept: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Plain numbers and words, without the times of the events."""
        return {
            "participant_id": self.participant_id,
            "source": self.source,
            "estimate": None if self.estimate is None else _numbers(self.estimate),
            "limit_ms": self.limit_ms,
            "sources": {name: _as_plain(outcome) for name, outcome in self.outcomes.items()},
            "other_clocks": {name: _as_plain(outcome) for name, outcome in self.other_clocks.items()},
            "problem": self.problem,
            "kept": self.kept,
        }


def align_study(
    path: Path,
    *,
    limit_ms: float | None = None,
    sources: Sequence[Source] = SOURCES,
    config: SynchroniseConfig | None = None,
    replace: bool = False,
    jobs: int = 1,
) -> tuple[Alignment, ...]:
    """Align every session of a study that has a face video, and write what was found.

    Parameters
    ----------
    path : Path
        Folder of the study.
    limit_ms : float, optional
        Largest residual in ms; by default the time of one video frame.
    sources : sequence of Source
        What may be used; of those that hold, the one whose line is least uncertain (`band_ms`) is taken: many blinks
        that scatter may say more than three claps that fit.
    config : SynchroniseConfig, optional
    replace : bool
        Whether a ``clock.toml`` that was not written by this function is replaced too.
    jobs : int
        Processes; the result does not depend on it.

    Returns
    -------
    tuple of Alignment
        One per session with a face video, in the order of the study. Written are ``clock.toml`` of each session with
        an estimate, and a figure and a JSON file in ``derived/align``.

    Raises
    ------
    UsageError
        If the folder is no study, or a source has no such name.
    DataError
        If the study's tables are at fault, or no session has a face video.
    OutputError
        If something cannot be written.
    """
    for source in sources:
        if source not in SOURCES:
            raise UnknownNameError("source of shared events", source, SOURCES)
    study = open_study(path, with_sessions=False)
    people = [name for name in study.session_ids if (path / "sessions" / name / "face.mp4").is_file()]
    if not people:
        raise DataError(
            f"none of the {counted(len(study.session_ids), 'session')} has a face video",
            where=str(path),
            fix="put each as face.mp4 into its session's folder; without videos there is one clock only",
        )
    record_derived(path, path / FOLDER, by="align")
    work = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_align_and_write)(study, name, limit_ms, tuple(sources), config, replace) for name in people
    )
    return tuple(track(work, "aligning sessions", total=len(people)))


def _align_and_write(
    study: Study,
    participant_id: str,
    limit_ms: float | None,
    sources: tuple[Source, ...],
    config: SynchroniseConfig | None,
    replace: bool,
) -> Alignment:
    folder = study.path / "sessions" / participant_id
    try:
        session = open_session(study.path, participant_id, study.stimuli, sam_points=study.sam_points)
        found = align_session(session, limit_ms=limit_ms, sources=sources, config=config)
    except EmogapError as problem:
        return Alignment(participant_id, None, None, limit_ms, {}, {}, problem=str(problem))
    estimate, source = found.estimate, found.source
    if estimate is None or source is None:
        return found
    found = dataclasses.replace(found, kept=None if replace else _reason_to_keep(session, estimate))
    if found.kept is None:
        write_bytes(folder / "clock.toml", _clock_toml(estimate, source))
    with write_aside(study.path / FOLDER / f"{participant_id}.png") as partial:
        _figure(estimate, found).savefig(partial, format="png", dpi=120, metadata={"Software": None})
    write_json(study.path / FOLDER / f"{participant_id}.json", found.as_dict())
    return found


def align_session(
    session: SessionFiles,
    *,
    limit_ms: float | None = None,
    sources: Sequence[Source] = SOURCES,
    config: SynchroniseConfig | None = None,
) -> Alignment:
    """The relation of one session's clocks by the best of `sources`; writes nothing.

    Raises
    ------
    DataError
        If the session has no readable face video, or ``markers.tsv`` is damaged.
    """
    if session.face_path is None:
        raise DataError("the session has no face video", where=session.participant_id, fix="put it there as face.mp4")
    if session.gaze_file is None:
        return Alignment(session.participant_id, None, None, None, {}, {}, kept=ONE_CLOCK)
    markers = read_markers(session.gaze_path.with_name("markers.tsv"))
    time_s = frame_times(session.face_path)
    limit_ms = limit_ms or round(1000 * float(np.median(np.diff(time_s))), 3)
    span_s = (float(time_s[0]), float(time_s[-1]))
    outcomes = _outcomes(session, markers, sources, span_s, limit_ms, config)
    held = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, ClockEstimate)}
    best = min(held, key=lambda name: held[name].band_ms, default=None)
    refusals = "; ".join(f"{name}: {outcome}" for name, outcome in outcomes.items() if isinstance(outcome, str))
    return Alignment(
        participant_id=session.participant_id,
        source=best,
        estimate=None if best is None else held[best],
        limit_ms=limit_ms,
        outcomes=outcomes,
        other_clocks=_other_clocks(markers, config),
        problem=refusals if best is None else None,
    )


def _outcomes(
    session: SessionFiles,
    markers: Sequence[Marker],
    sources: Sequence[Source],
    span_s: tuple[float, float],
    limit_ms: float,
    config: SynchroniseConfig | None,
) -> dict[Source, Outcome]:
    outcomes: dict[Source, Outcome] = {}
    signals: FaceSignals | None = None
    for source in sources:
        try:
            if source == "markers":
                outcomes[source] = _from_markers(markers, "face", span_s, limit_ms, config)
                continue
            gaze_s = _flashes_noted(markers) if source == "flashes" else _tracker_blinks(session.gaze_path)
            if signals is None:
                signals = _signals(session)
            face_s = (
                flash_onsets(signals.luminance, signals.time_s)
                if source == "flashes"
                else np.mean(lid_dips(signals.eye_edges, signals.time_s), axis=0)
            )
            outcomes[source] = estimate_clock(gaze_s, face_s, span_s=span_s, limit_ms=limit_ms, config=config)
        except EmogapError as problem:
            outcomes[source] = problem.what
    return outcomes


def _from_markers(
    markers: Sequence[Marker],
    clock: str,
    span_s: tuple[float, float] | None,
    limit_ms: float | None,
    config: SynchroniseConfig | None,
) -> ClockEstimate:
    """The clock named `clock` to the gaze clock, from what both noted."""
    sides = [[marker for marker in markers if marker.clock == name] for name in ("gaze", clock)]
    times = [np.array([marker.time_s for marker in side]) for side in sides]
    kinds = [[marker.kind for marker in side] for side in sides]
    return estimate_clock(
        *times, reference_kinds=kinds[0], other_kinds=kinds[1], span_s=span_s, limit_ms=limit_ms, config=config
    )


def _other_clocks(markers: Sequence[Marker], config: SynchroniseConfig | None) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for clock in sorted({marker.clock for marker in markers} - {"gaze", "face"}):
        try:
            outcomes[clock] = _from_markers(markers, clock, None, None, config)
        except EmogapError as problem:
            outcomes[clock] = problem.what
    return outcomes


def _flashes_noted(markers: Sequence[Marker]) -> Float[ndarray, " N"]:
    noted = np.array([marker.time_s for marker in markers if marker.clock == "gaze" and "flash" in marker.kind.lower()])
    if not len(noted):
        raise DataError("no flash is noted on the gaze clock in markers.tsv", fix="note flashes as kind 'flash'")
    return noted


def _tracker_blinks(gaze_path: Path) -> Float[ndarray, " N"]:
    gaze = open_recording(gaze_path).gaze
    if gaze is None or not np.isfinite(gaze.rate_hz):
        raise DataError("the gaze file has no samples on a clock that can be trusted", where=str(gaze_path))
    middle_s: Float[ndarray, " N"] = np.mean(detect_blinks(gaze, ALIGN_BLINKS), axis=0)
    return middle_s


def _signals(session: SessionFiles) -> FaceSignals:
    """Luminance and eye edges of the whole face video, with YuNet where its weights are, else with Haar."""
    assert session.face_path is not None
    weights = find_weights("yunet")
    detect = DETECTORS.open("haar" if weights is None else "yunet").open_detector(weights)
    return face_signals(read_frames(session.face_path), detect, video=session.face_path.name)


def _reason_to_keep(session: SessionFiles, estimate: ClockEstimate) -> str | None:
    """Why a ``clock.toml`` that we did not write stays; None if there is none, or it is ours."""
    clock = session.clock
    if clock is None or clock.source in SOURCES:
        return None
    apart_ms = max(
        abs(
            float(estimate.to_reference_s(np.array([face_s]))[0])
            - clock.offset_s
            - face_s * (1 + clock.drift_ppm * 1e-6)
        )
        for face_s in estimate.span_s
    )
    return (
        "clock.toml was there already, from elsewhere: it stays (--replace takes ours)."
        f" The two differ by at most {1000 * apart_ms:.1f} ms"
    )


def _clock_toml(estimate: ClockEstimate, source: Source) -> bytes:
    content = {
        "offset_s": round(estimate.offset_s, 5),
        "drift_ppm": round(estimate.drift_ppm, 2),
        "residual_ms": round(estimate.rms_ms, 2),
        "source": source,
        "events": estimate.num_events,
    }
    return tomli_w.dumps(content).encode()


def _figure(estimate: ClockEstimate, found: Alignment) -> "Figure":
    span_s = np.linspace(*estimate.span_s, 101)
    return alignment_figure(
        gaze_s=estimate.reference_s,
        face_s=estimate.to_reference_s(estimate.other_s),
        gaze_alone_s=estimate.reference_alone_s,
        face_alone_s=estimate.to_reference_s(estimate.other_alone_s),
        span_s=estimate.to_reference_s(span_s),
        half_width_ms=estimate.half_width_ms(span_s),
        limit_ms=found.limit_ms,
        title=f"{found.participant_id}, {estimate.num_events} {found.source}: video starts at"
        f" {estimate.offset_s:+.3f} s of the gaze clock, drift {estimate.drift_ppm:+.0f} ppm, residual"
        f" {estimate.rms_ms:.1f} ms",
    )


def _as_plain(outcome: Outcome) -> object:
    return outcome if isinstance(outcome, str) else _numbers(outcome)


def _numbers(estimate: ClockEstimate) -> dict[str, object]:
    content = dataclasses.asdict(estimate)
    numbers = {name: value for name, value in content.items() if not isinstance(value, ndarray)}
    counts = {"num_events": estimate.num_events, "num_alone": [len(content[name]) for name in ALONE]}
    return numbers | counts | {"band_ms": estimate.band_ms}
