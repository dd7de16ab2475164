"""Eye recordings with copies planted among them; nothing here is shared with the auditor."""

from dataclasses import dataclass

import numpy as np

from emogap.datasets.channels import Channel
from emogap.types import SampleKey

CHANNELS = (
    Channel("gaze_x_deg", "deg"),
    Channel("gaze_y_deg", "deg"),
    Channel("origin_l_x_mm", "mm"),
    Channel("origin_l_z_mm", "mm"),
    Channel("pupil_l_mm", "mm"),
    Channel("is_fixation", "1"),
)


@dataclass(frozen=True)
class Planted:
    """As much of a data set as an auditor needs."""

    keys: tuple[SampleKey, ...]
    streams: dict[str, np.ndarray]
    masks: dict[str, np.ndarray]
    channels: dict[str, tuple[Channel, ...]]
    fingerprint: str = "a" * 16


def look(rng: np.random.Generator, *, rate_hz: float = 120.0, duration_s: float = 8.0) -> np.ndarray:
    """Somebody looking at something: fixations of about 0.4 s, a head that drifts, a pupil that wanders.

    Returns the samples (S, 6): time in s, gaze x and y in deg, head x and z in mm, pupil in mm.
    """
    time_s = np.arange(0, duration_s, 1 / rate_hz)
    onset_s = np.cumsum(rng.gamma(4, 0.1, 60))
    target = rng.normal(0, 4, (61, 2))
    gaze = target[np.searchsorted(onset_s, time_s)] + rng.normal(0, 0.1, (len(time_s), 2))
    slow = np.cumsum(rng.normal(0, 1, (len(time_s), 3)), axis=0) / np.sqrt(rate_hz)
    head = rng.normal(0, [20, 30]) + 0.6 * slow[:, :2] + rng.normal(0, 0.2, (len(time_s), 2))
    pupil = 3.5 + 0.1 * slow[:, 2] + rng.normal(0, 0.01, len(time_s))
    return np.column_stack([time_s, gaze, head, pupil])


def resampled(samples: np.ndarray, rate_hz: float) -> np.ndarray:
    """The same recording at another rate, as an export at that rate would have it."""
    time_s = np.arange(samples[0, 0], samples[-1, 0], 1 / rate_hz)
    return np.column_stack([time_s, *(np.interp(time_s, samples[:, 0], column) for column in samples[:, 1:].T)])


def trimmed(samples: np.ndarray, first_share: float, last_share: float) -> np.ndarray:
    """The same recording without its beginning and its end, on a clock of its own."""
    number = len(samples)
    part = samples[int(first_share * number) : int(last_share * number)].copy()
    part[:, 0] -= part[0, 0]
    return part


def as_dataset(recorded: list[tuple[str, str, np.ndarray]], *, num_steps: int = 32) -> Planted:
    """Clips (participant, stimulus, samples) at the centres of equal chunks, a tenth of the steps lost."""
    rng = np.random.default_rng(99)
    keys, rows = [], []
    for participant, stimulus, samples in recorded:
        duration_s = float(samples[-1, 0] + np.median(np.diff(samples[:, 0])))
        wanted_s = (np.arange(num_steps) + 0.5) * duration_s / num_steps
        nearest = np.abs(samples[:, 0][:, None] - wanted_s).argmin(axis=0)
        rows.append(np.column_stack([samples[nearest, 1:], rng.random(num_steps) < 0.9]))
        keys.append(SampleKey("planted", f"r-{participant}", participant, stimulus, f"g-{stimulus}", 0.0, duration_s))
    stream = np.stack(rows).astype(np.float32)
    mask = rng.random(stream.shape[:2]) < 0.9
    stream[~mask] = np.nan
    return Planted(tuple(keys), {"eye": stream}, {"eye": mask}, {"eye": CHANNELS})


def cohort(num_people: int = 9, num_stimuli: int = 7, seed: int = 0) -> list[tuple[str, str, np.ndarray]]:
    """Everybody with every stimulus, recorded once."""
    rng = np.random.default_rng(seed)
    return [(f"p{p}", f"s{s}", look(rng)) for p in range(num_people) for s in range(num_stimuli)]


def of(recorded: list[tuple[str, str, np.ndarray]], participant: str) -> list[tuple[str, np.ndarray]]:
    """Stimulus and samples of everything one person saw."""
    return [(stimulus, samples) for person, stimulus, samples in recorded if person == participant]
