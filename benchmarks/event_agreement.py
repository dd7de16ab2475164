"""Our fixations against Tobii's own event column on Uniss-FGD: ``python -m benchmarks.event_agreement [FOLDER]``.

Three detectors in one run, none tuned to a person: ours with its defaults; a plain threshold of 30 deg/s over 20 ms
(written here on its own, sharing no code with ours); and the plain threshold without fixations under 60 ms.
``python -m slow_checks event_agreement`` writes the same numbers to docs/evidence/event_agreement.json.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy import ndarray
from scipy.stats import spearmanr

from emogap.preprocessing import detect_events, event_at, measure_quality, to_degrees
from emogap.progress import track
from emogap.recording import open_recordings
from emogap.types import EyeEvents, GazeSeries, Recording

DATA = Path(__file__).parents[2] / "shared" / "data" / "uniss_fgd"
MATCH_IOU = 0.5
SHORTEST_S = 0.06


@dataclass
class Agreement:
    """Counts of one detector against the vendor, added up over recordings."""

    samples: int = 0
    samples_agreed: int = 0
    vendor: int = 0
    ours: int = 0
    matched: int = 0
    missed_cut_short: int = 0
    onset_error_ms: list[float] = field(default_factory=list)

    def add(self, found: EyeEvents, vendor: EyeEvents, time_s: ndarray) -> None:
        mine, theirs = kinds_of(found, time_s), kinds_of(vendor, time_s)
        both = (mine > 0) & (theirs > 0)
        self.samples += int(both.sum())
        self.samples_agreed += int((mine == theirs)[both].sum())
        fixations, vendors = intervals_of(found), intervals_of(vendor)
        rows, columns = match(fixations, vendors)
        self.onset_error_ms += (1000 * (fixations[rows, 0] - vendors[columns, 0])).tolist()
        self.matched += len(rows)
        self.ours += len(fixations)
        self.vendor += len(vendors)
        missed = np.delete(vendors, columns, axis=0)
        at_border = (missed[:, 0] <= time_s[0]) | (missed[:, 1] >= time_s[-1])
        self.missed_cut_short += int((at_border & (missed[:, 1] - missed[:, 0] < SHORTEST_S)).sum())

    def summary(self) -> dict[str, float]:
        """Sample agreement, F1, and the absolute and signed onset error of matched fixations."""
        error_ms = np.array(self.onset_error_ms)
        return {
            "sample_agreement": self.samples_agreed / self.samples,
            "samples": self.samples,
            "fixation_f1": 2 * self.matched / (self.ours + self.vendor),
            "precision": self.matched / self.ours,
            "recall": self.matched / self.vendor,
            "fixations_vendor": self.vendor,
            "missed": self.vendor - self.matched,
            "missed_cut_short_by_the_recording": self.missed_cut_short,
            "onset_error_mean_ms": float(np.abs(error_ms).mean()),
            "onset_error_median_ms": float(np.median(np.abs(error_ms))),
            "onset_bias_ms": float(error_ms.mean()),
        }


def kinds_of(events: EyeEvents, time_s: ndarray) -> ndarray:
    """1 fixation, 2 saccade, 0 neither, at each sample."""
    fixation = event_at(events, time_s, kind="fixation") >= 0
    saccade = event_at(events, time_s, kind="saccade") >= 0
    return np.where(fixation, 1, np.where(saccade, 2, 0))


def intervals_of(events: EyeEvents) -> ndarray:
    """Onset and offset of every fixation in s, shape (N, 2)."""
    fixation = events.kind == "fixation"
    return np.stack([events.onset_s[fixation], events.offset_s[fixation]], axis=1)


def match(fixations: ndarray, vendors: ndarray) -> tuple[ndarray, ndarray]:
    """Indices of the fixations on either side that match one to one: overlap over union of at least a half."""
    if not len(fixations) or not len(vendors):
        return np.zeros(0, int), np.zeros(0, int)
    on, off = fixations[:, :1], fixations[:, 1:]
    overlap = np.maximum(np.minimum(off, vendors[:, 1]) - np.maximum(on, vendors[:, 0]), 0.0)
    iou = overlap / (np.maximum(off, vendors[:, 1]) - np.minimum(on, vendors[:, 0]))
    best = (iou == iou.max(axis=0)) & (iou == iou.max(axis=1, keepdims=True)) & (iou >= MATCH_IOU)
    return np.nonzero(best)


def plain_threshold(gaze: GazeSeries, *, shortest_s: float = 0.0) -> EyeEvents:
    """Every run below 30 deg/s is a fixation and every other run with a velocity a saccade; nothing else is done."""
    half = round(0.02 * gaze.rate_hz / 2)
    count = gaze.valid.sum(axis=1)
    position = np.where(gaze.valid[..., None], gaze.position, 0.0).sum(axis=1) / np.where(count, count, np.nan)[:, None]
    speed = np.full(len(position), np.nan)
    change = np.linalg.norm(position[2 * half :] - position[: -2 * half], axis=1)
    speed[half:-half] = change / (gaze.time_s[2 * half :] - gaze.time_s[: -2 * half])
    kind = np.where(np.isnan(speed), 0, np.where(speed < 30.0, 1, 2))
    border = np.flatnonzero(np.diff(kind)) + 1
    start, stop = np.append(0, border), np.append(border, len(kind))
    ends_s = np.append(gaze.time_s[1:], gaze.time_s[-1] + 1 / gaze.rate_hz)
    long_enough = (kind[start] == 2) | (ends_s[stop - 1] - gaze.time_s[start] >= shortest_s - 1e-9)
    keep = (kind[start] > 0) & long_enough
    start, stop = start[keep], stop[keep]
    return EyeEvents(
        kind=np.array(["", "fixation", "saccade"])[kind[start]],
        onset_s=gaze.time_s[start],
        offset_s=ends_s[stop - 1],
        centre=np.full((len(start), 2), np.nan),
        amplitude_deg=np.full(len(start), np.nan),
        method="plain-threshold",
        frame="deg",
    )


DETECTORS: dict[str, Callable[[GazeSeries], EyeEvents]] = {
    "ours": detect_events,
    "plain": plain_threshold,
    "plain_60ms": lambda gaze: plain_threshold(gaze, shortest_s=SHORTEST_S),
}


def measure(recordings: Iterable[Recording]) -> dict[str, object]:
    """Agreement of every detector, in all and per participant, with the data quality of each participant."""
    total = {name: Agreement() for name in DETECTORS}
    person: dict[str, dict[str, Agreement]] = {}
    quality: dict[str, list[tuple[float, float, float]]] = {}
    num_recordings = 0
    for recording in recordings:
        num_recordings += 1
        converted = to_degrees(recording)
        assert converted.gaze is not None
        vendor = recording.events[0]
        who = recording.participant_id or "?"
        tallies = person.setdefault(who, {name: Agreement() for name in DETECTORS})
        for name, detect in DETECTORS.items():
            found = detect(converted.gaze)
            for tally in (total[name], tallies[name]):
                tally.add(found, vendor, converted.gaze.time_s)
        quality.setdefault(who, []).append(_quality(converted, vendor))
    people = sorted(person)
    precision = [_mean_quality(quality[who])["rms_s2s_deg"] for who in people]
    return {
        "recordings": num_recordings,
        "match_iou": MATCH_IOU,
        "all": {name: tally.summary() for name, tally in total.items()},
        "participants": {
            who: {name: tally.summary() for name, tally in person[who].items()} | _mean_quality(quality[who])
            for who in people
        },
        "rank_correlation_of_precision_and_f1": {
            name: _spearman(precision, [person[who][name].summary()["fixation_f1"] for who in people])
            for name in DETECTORS
        },
    }


def _spearman(one: list[float], other: list[float]) -> float | None:
    return float(spearmanr(one, other).statistic) if len(one) > 2 else None


def _quality(recording: Recording, vendor: EyeEvents) -> tuple[float, float, float]:
    """Data loss, precision, and the share of the vendor's fixation samples that have no gaze."""
    assert recording.gaze is not None
    found = measure_quality(recording)
    fixation = event_at(vendor, recording.gaze.time_s, kind="fixation") >= 0
    unseen = fixation & ~recording.gaze.valid.any(axis=1)
    return found.loss_share, found.rms_s2s_deg, float(unseen.sum() / max(fixation.sum(), 1))


def _mean_quality(rows: list[tuple[float, float, float]]) -> dict[str, float]:
    loss, precision, unseen = np.array(rows).T
    return {
        "loss_share": float(loss.mean()),
        "rms_s2s_deg": float(np.nanmedian(precision)),
        "vendor_fixation_without_gaze_share": float(unseen.mean()),
    }


def print_table(result: dict[str, object]) -> None:
    print(f"{result['recordings']} recordings")
    print("detector     samples agree   fixation F1   onset error (mean)   onset bias")
    rows = result["all"]
    assert isinstance(rows, dict)
    for name, row in rows.items():
        print(
            f"{name:<12} {row['sample_agreement']:>13.4f} {row['fixation_f1']:>13.4f}"
            f" {row['onset_error_mean_ms']:>17.2f} ms {row['onset_bias_ms']:>9.2f} ms"
        )
    ours = rows["ours"]
    print(
        f"missed by ours: {ours['missed']} of {ours['fixations_vendor']} fixations,"
        f" {ours['missed_cut_short_by_the_recording']} of them cut to less than 60 ms by the ends of the recording"
    )
    print(f"rank correlation of RMS-S2S and F1 over participants: {result['rank_correlation_of_precision_and_f1']}")
    print("\nparticipant   agree: ours   plain   F1: ours   plain   loss    RMS-S2S   vendor fixation without gaze")
    people = result["participants"]
    assert isinstance(people, dict)
    for who, row in people.items():
        print(
            f"{who:<12} {row['ours']['sample_agreement']:>12.4f} {row['plain']['sample_agreement']:>7.4f}"
            f" {row['ours']['fixation_f1']:>10.4f} {row['plain']['fixation_f1']:>7.4f} {row['loss_share']:>6.3f}"
            f" {row['rms_s2s_deg']:>6.3f} deg {row['vendor_fixation_without_gaze_share']:>10.4f}"
        )


def recordings_in(folder: Path, *, files: int | None = None) -> Iterable[Recording]:
    """Every recording of the first `files` exports in `folder`."""
    paths = sorted((folder / "fgd").glob("*.csv.gz"))[:files]
    if not paths:
        sys.exit(f"no *.csv.gz under {folder / 'fgd'}: name the folder of Uniss-FGD")
    for path in track(paths, "event agreement"):
        yield from open_recordings(path)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    print_table(measure(recordings_in(folder)))


if __name__ == "__main__":
    main()
