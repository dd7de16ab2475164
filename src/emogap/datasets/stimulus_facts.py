"""What can be measured of a stimulus itself: how bright it is, how much that changes, how much moves, how loud it is.

Read :func:`stimulus_facts` first; :func:`watch_film` decodes a film once, for whoever else wants its pictures.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from emogap.errors import DataError
from emogap.preprocessing.loudness import measure_loudness
from emogap.preprocessing.stimulus_luminance import relative_luminance
from emogap.preprocessing.stimulus_motion import STEP_S, measure_motion
from emogap.recording.audio import read_audio
from emogap.recording.luminance import read_luminance
from emogap.recording.video import frame_times, read_frames_at
from emogap.types import StimulusLuminance

__all__ = [
    "FILM_SUFFIXES",
    "STIMULUS_FACTS",
    "find_film",
    "hear_film",
    "luminance_facts",
    "readable_facts",
    "stimulus_facts",
    "watch_film",
]

log = logging.getLogger(__name__)

STIMULUS_FACTS = {
    "luminance": "luminance (share of white)",
    "luminance_sd": "luminance, SD over time",
    "luminance_change_per_s": "luminance, change per second",
    "motion": "motion (share of white per 0.1 s)",
    "loudness_lufs": "loudness (LUFS)",
}
"""What is measured of a stimulus, with the words of tables."""

FILM_SUFFIXES = {".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".wmv"}

WIDTH_PX = 320
"""Of larger pictures, every n-th pixel is measured."""

Picture = UInt8[ndarray, "H W 3"]


def stimulus_facts(study: Path, stimulus_id: str, *, stated: str | None = None) -> dict[str, float]:
    """What is known of one stimulus of a study: of its film where that is there, else of its luminance table.

    Parameters
    ----------
    study : Path
        Folder with ``stimuli/``.
    stimulus_id : str
    stated : str, optional
        The file that ``stimuli.tsv`` names.

    Returns
    -------
    dict from fact to float
        Those of :data:`STIMULUS_FACTS` that could be measured; empty if neither film nor table is there.

    Raises
    ------
    DataError
        If the film or the table is damaged.
    """
    film = find_film(study, stimulus_id, stated)
    if film is not None:
        known = watch_film(film) | hear_film(film)
        return {name: known[name] for name in STIMULUS_FACTS if np.isfinite(known.get(name, np.nan))}
    table = study / "stimuli" / f"{stimulus_id}.luminance.tsv"
    return luminance_facts(read_luminance(table)) if table.is_file() else {}


def readable_facts(folder: Path, stimulus_id: str, *, stated: str | None = None) -> dict[str, float]:
    """As :func:`stimulus_facts`; of a film or table that is damaged nothing is known, and a warning says so."""
    try:
        return stimulus_facts(folder, stimulus_id, stated=stated)
    except DataError as problem:
        log.warning("light and motion of stimulus %s are not known: %s", stimulus_id, problem)
        return {}


def find_film(study: Path, stimulus_id: str, stated: str | None) -> Path | None:
    """The film of a stimulus: the file stated, or ``stimuli/<id>`` with the ending of a film; None if absent."""
    candidates = [] if stated is None else [study / stated, study / "stimuli" / stated]
    candidates += [study / "stimuli" / f"{stimulus_id}{suffix}" for suffix in sorted(FILM_SUFFIXES)]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def luminance_facts(luminance: StimulusLuminance) -> dict[str, float]:
    """Mean, SD and mean absolute change per second of a course of luminance, in shares of white.

    The change is absent where there is one value only.

    Examples
    --------
    >>> course = StimulusLuminance(np.array([0.0, 1.0, 4.0]), np.array([0.2, 0.6, 0.4]))
    >>> {name: round(value, 3) for name, value in luminance_facts(course).items()}
    {'luminance': 0.4, 'luminance_sd': 0.163, 'luminance_change_per_s': 0.15}
    """
    level, time_s = luminance.luminance, luminance.time_s
    facts = {"luminance": float(level.mean()), "luminance_sd": float(level.std())}
    if len(level) > 1:
        facts["luminance_change_per_s"] = float(np.abs(np.diff(level)).sum() / (time_s[-1] - time_s[0]))
    return facts


def watch_film(film: Path, *, show: Callable[[int, Picture], None] | None = None) -> dict[str, float]:
    """Length, luminance and motion of a film, decoded once.

    Parameters
    ----------
    film : Path
    show : callable, optional
        Given the number of each step of 0.1 s and its picture.

    Returns
    -------
    dict from str to float
        ``duration_s``, ``motion`` and those of :func:`luminance_facts`.

    Raises
    ------
    DataError
        If the film cannot be decoded.
    """
    times_s = frame_times(film)
    interval_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    wanted_s = np.arange(times_s[0], times_s[-1] + 1e-9, STEP_S)
    levels: list[float] = []

    def watched() -> Iterator[tuple[float, Picture]]:
        for step, (_, picture) in enumerate(read_frames_at(film, wanted_s)):
            every = max(1, picture.shape[1] // WIDTH_PX)
            levels.append(float(relative_luminance(picture[::every, ::every]).mean()))
            if show is not None:
                show(step, picture)
            yield step * STEP_S, picture

    motion = measure_motion(watched())
    course = StimulusLuminance(np.arange(len(levels)) * STEP_S, np.array(levels))
    duration_s = float(times_s[-1] - times_s[0]) + interval_s
    return {"duration_s": duration_s, **luminance_facts(course), "motion": motion}


def hear_film(film: Path) -> dict[str, float]:
    """``loudness_lufs`` and ``rms_dbfs`` of a film's sound; empty if it has none.

    Raises
    ------
    DataError
        If the sound cannot be decoded.
    """
    loudness = measure_loudness(read_audio(film))
    return {} if loudness is None else {"loudness_lufs": loudness.integrated_lufs, "rms_dbfs": loudness.rms_dbfs}
