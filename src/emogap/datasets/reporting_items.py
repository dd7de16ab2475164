"""The minimal reporting guideline for eye tracking, filled in from what the study's files say; gaps are named."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.datasets.exclusion_flow import ExclusionFlow
from emogap.datasets.study_quality import SessionQuality, StudyQuality
from emogap.preprocessing.events import EventConfig
from emogap.recording.overview_facts import FRAMES
from emogap.types.quality import ClipQuality

__all__ = [
    "EFFECTIVE_RATE",
    "ITEM_TITLES",
    "NOT_REPORTED",
    "ReportingItem",
    "guideline_item",
    "measured_as",
    "median_and_range",
    "reporting_items",
]

NOT_REPORTED = "not reported"

EFFECTIVE_RATE = "effective rate (samples with an eye per second of the stimulus) by clip"

ITEM_TITLES = {
    "A1": "Manufacturer and model",
    "A2": "Software and firmware versions",
    "A3": "Eye tracking technology",
    "A4": "Sampling frequency",
    "A5": "Head movement restrictions",
    "A6": "Eye(s) recorded",
    "A7": "Parameters recorded",
    "A8": "Environment lighting",
    "A9": "Calibration",
    "A10": "Measurement uncertainty",
    "A11": "Data processing steps",
    "A12": "Data loss",
    "B1": "Signal latencies",
    "C1": "Participant to display monitor distance",
    "-": "Exclusions",
}
"""What each item asks for, in the order of the guideline."""


@dataclass(frozen=True, slots=True)
class ReportingItem:
    """One item of the guideline.

    Attributes
    ----------
    number : str
        ``A1`` to ``A12``, ``B1``, ``C1``; ``-`` for exclusions, which the guideline leaves to those of study design.
    title : str
    content : str
        What the files say, or ``not reported``.
    missing : str
        What the item asks for and no file says; empty if nothing.
    """

    number: str
    title: str
    content: str
    missing: str = ""


def guideline_item(number: str, content: str, missing: str = "") -> ReportingItem:
    """The item `number` of the guideline with what is known of it."""
    return ReportingItem(number, ITEM_TITLES[number], content, missing)


def reporting_items(quality: StudyQuality, flow: ExclusionFlow) -> tuple[ReportingItem, ...]:
    """Every item of the checklist in its order, and exclusions last.

    Notes
    -----
    Measures are those of the clips that were kept. An item is never filled in by a guess: what no file of the study
    states is ``not reported`` and has to be added by whoever ran it.

    References
    ----------
    Dunn et al. (2023), Minimal reporting guideline for research involving eye tracking (2023 edition),
    doi:10.3758/s13428-023-02187-1, table 1, with the author correction doi:10.3758/s13428-024-02438-9.
    """
    study, sessions = quality.study, [session for session in quality.sessions if session.problem is None]
    eyes = _listed(" and ".join(session.eyes) for session in sessions)
    frames = _listed(f"gaze in {FRAMES[session.frame]}" for session in sessions if session.frame)
    pupils = _listed(session.pupil_unit for session in sessions if session.pupil_unit)
    versions = _noted(sessions, "software", "firmware", "version")
    technology = _noted(sessions, "tracking:")
    pupil = f"; pupil in {pupils}" if pupils else ""
    absent = "; no place in the study's files states it"
    return (
        guideline_item(
            "A1",
            study.tracker.model or NOT_REPORTED,
            "" if study.tracker.model else "manufacturer and model: [tracker] model in study.toml",
        ),
        guideline_item(
            "A2",
            f"{versions + '; ' if versions else ''}analysis: emogap {__version__}",
            "" if versions else "versions of the recording software and of the firmware",
        ),
        guideline_item(
            "A3",
            technology or NOT_REPORTED,
            "native signal" if technology else f"measuring principle and native signal{absent}",
        ),
        _sampling_item(quality, flow.kept),
        guideline_item("A5", NOT_REPORTED, f"free, or restrained by what{absent}"),
        guideline_item("A6", eyes or NOT_REPORTED, "" if eyes else "which eyes"),
        guideline_item(
            "A7", f"{frames}{pupil}" if frames else NOT_REPORTED, "" if frames else "what was recorded of the eyes"
        ),
        guideline_item("A8", NOT_REPORTED, f"dark, moderate or light{absent}"),
        _calibration_item(quality),
        _uncertainty_item(quality, flow.kept),
        guideline_item(
            "A11", f"for these measures: {measured_as()}. What a data set does besides stands in its dataset.toml"
        ),
        _loss_item(flow.kept),
        _latency_item(quality),
        _distance_item(quality),
        guideline_item("-", _exclusions(flow)),
    )


def _listed(words: Iterable[str]) -> str:
    return "; ".join(sorted(set(words)))


def _noted(sessions: Iterable[SessionQuality], *words: str) -> str:
    """What the files say of themselves in notes that hold one of `words`."""
    notes = (note for session in sessions for note in session.notes)
    return _listed(note for note in notes if any(word in note.lower() for word in words))


def median_and_range(values: Sequence[float], unit: str, *, factor: float = 1.0) -> str | None:
    """Median and range in words of those of `values`, times `factor`, that are finite; None without any.

    Examples
    --------
    >>> median_and_range([0.25, float("nan"), 0.5, 1.0], " %", factor=100.0)
    'median 50 % (range 25 to 100 %)'
    """
    known = np.array([value for value in values if math.isfinite(value)]) * factor
    if not len(known):
        return None
    return f"median {np.median(known):.3g}{unit} (range {known.min():.3g} to {known.max():.3g}{unit})"


def _sampling_item(quality: StudyQuality, kept: Sequence[ClipQuality]) -> ReportingItem:
    nominal = quality.study.tracker.rate_hz
    in_files = median_and_range([session.rate_hz for session in quality.sessions], " Hz")
    parts = [f"nominal {nominal:g} Hz" if nominal else "", f"in the files {in_files}" if in_files else ""]
    reached = median_and_range([clip.effective_rate_hz for clip in kept], " Hz")
    parts.append(f"{EFFECTIVE_RATE} {reached}" if reached else "")
    missing = "" if nominal else "the nominal rate: [tracker] rate_hz in study.toml"
    return guideline_item("A4", "; ".join(filter(None, parts)) or NOT_REPORTED, missing)


def _calibration_item(quality: StudyQuality) -> ReportingItem:
    known = [session for session in quality.sessions if math.isfinite(session.accuracy_deg)]
    missing = "method, targets, and the criterion by which a calibration was accepted"
    if not known:
        return guideline_item("A9", NOT_REPORTED, missing)
    content = f"a validation is recorded in {len(known)} of {counted(len(quality.sessions), 'session')}"
    return guideline_item("A9", content, missing)


def _uncertainty_item(quality: StudyQuality, kept: Sequence[ClipQuality]) -> ReportingItem:
    accuracy = median_and_range([session.accuracy_deg for session in quality.sessions], " deg")
    rms = median_and_range([clip.rms_s2s_deg for clip in kept], " deg")
    sd = median_and_range([clip.sd_deg for clip in kept], " deg")
    parts = [
        f"accuracy {accuracy or 'unknown'}",
        f"precision within fixations: RMS-S2S {rms or 'unknown'}, SD {sd or 'unknown'}, over"
        f" {counted(len(kept), 'clip')}",
    ]
    missing = "" if accuracy else "accuracy: no file holds a validation"
    return guideline_item("A10", "; ".join(parts), missing)


def measured_as() -> str:
    """How the events that precision rests on were found, whatever cleaning a data set gets."""
    config = EventConfig()
    return (
        f"degrees of visual angle, eyes averaged, fixations by I-VT at {config.threshold_deg_s:g}"
        f" deg/s over {1000 * config.window_s:g} ms, merged within {1000 * config.merge_within_s:g} ms and"
        f" {config.merge_within_deg:g} deg, at least {1000 * config.shortest_fixation_s:g} ms; nothing interpolated or"
        " smoothed"
    )


def _loss_item(kept: Sequence[ClipQuality]) -> ReportingItem:
    num_samples = sum(clip.num_samples for clip in kept)
    if not num_samples:
        return guideline_item("A12", NOT_REPORTED, "no clip is left")
    lost = 1 - sum(clip.valid_share * clip.num_samples for clip in kept) / num_samples
    by_clip = median_and_range([1 - clip.valid_share for clip in kept], " %", factor=100.0)
    longest_s = max(clip.longest_gap_s for clip in kept)
    content = (
        f"{100 * lost:.2f} % of {counted(num_samples, 'sample')}, by clip {by_clip}; longest gap {longest_s:.3f} s"
    )
    return guideline_item("A12", content, "how much of it are blinks, and why the rest was lost")


def _latency_item(quality: StudyQuality) -> ReportingItem:
    residual = median_and_range([session.clock_residual_ms for session in quality.sessions], " ms")
    missing = "latency of the eye tracker and of stimulus presentation"
    content = f"residual between the clocks of face video and gaze {residual}" if residual else NOT_REPORTED
    return guideline_item("B1", content, missing)


def _distance_item(quality: StudyQuality) -> ReportingItem:
    screen = quality.study.screen
    measured = median_and_range([session.distance_mm for session in quality.sessions], " mm")
    parts = [f"screen of {screen.size_px[0]} x {screen.size_px[1]} px"]
    if screen.size_mm is not None:
        parts.append(f"{screen.size_mm[0]:g} x {screen.size_mm[1]:g} mm")
    if screen.distance_mm is not None:
        parts.append(f"at {screen.distance_mm:g} mm")
    if measured:
        parts.append(f"distance of the eyes by session {measured}")
    missing = [
        name
        for name, value in (("size_mm", screen.size_mm), ("distance_mm", screen.distance_mm))
        if value is None and not (name == "distance_mm" and measured)
    ]
    asked = f"[screen] {' and '.join(missing)} in study.toml" if missing else ""
    return guideline_item("C1", ", ".join(parts), asked)


def _exclusions(flow: ExclusionFlow) -> str:
    fell = [f"{counted(stage.clips_left_out, 'clip')}: {stage.rule}" for stage in flow.stages if stage.clips_left_out]
    total = flow.stages[0].clips
    why = f" (not met: {'; '.join(fell)})" if fell else ""
    return (
        f"{len(flow.kept)} of {total} clips and {flow.num_people} of"
        f" {counted(flow.stages[0].people, 'person')} kept{why}"
    )
