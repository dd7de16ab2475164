"""Detections of the gap as tables, figures and a file of clips."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from emogap.analysis.detector_scores import BINS
from emogap.analysis.gap_detector import Detection
from emogap.reporting.figures.answer_bars import AnswerBar, answer_bars
from emogap.reporting.figures.event_reliability import ReliabilityPanel, event_reliability_figure
from emogap.scoring import Interval
from emogap.scoring.calibration import event_reliability
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = ["FLOOR_HEADING", "answers_figure", "clip_frame", "difference_table", "reliability_figure", "score_table"]

Named = tuple[str, str]
"""Model (empty for floors) and detector."""

FLOOR_HEADING = "without any signal"

PROBABILITY_COLUMNS = {
    "auroc": ("AUROC", "", 3, "higher"),
    "auprc": ("AUPRC", "", 3, "higher"),
    "brier": ("Brier", "", 3, "lower"),
    "ece": (f"ECE, {BINS} bins", "", 3, ""),
}
SET_COLUMNS = {
    "coverage_no_gap": ("no gap", "sets that hold the truth", 1, ""),
    "coverage_gap": ("gap", "sets that hold the truth", 1, ""),
    "abstained": ("abstains", "", 1, "lower"),
    "empty": ("empty", "", 1, ""),
    "flagged": ("flagged", "", 1, ""),
    "false_flag_rate": ("false-flag rate", "", 1, "lower"),
    "found": ("gaps found", "", 1, "higher"),
    "flags_right": ("flags that are right", "", 1, "higher"),
}


def score_table(
    scores: Mapping[Named, Mapping[str, Interval]],
    detections: Mapping[Named, Detection],
    *,
    name: str,
    title: str,
    caption: str,
    of_sets: bool,
    is_simulated: bool,
    notes: Sequence[str] = (),
) -> ResultTable:
    """The numbers of the probabilities, or those of the sets with the threshold of a flag, one row per detector."""
    columns = SET_COLUMNS if of_sets else PROBABILITY_COLUMNS
    rows = []
    for named, found in scores.items():
        cells = [_text(named[1])] + [_cell(found[column], is_ranked=bool(named[0])) for column in columns]
        if of_sets:
            cells.append(_threshold(detections[named]))
        rows.append(cells)
    described = [_column("detector", "detector", "", 0, "")]
    described += [
        _column(key, words, heading, decimals, better, unit="percent" if of_sets else "")
        for key, (words, heading, decimals, better) in columns.items()
    ]
    if of_sets:
        described.append(_column("threshold", "flagged from", "", 2, ""))
    return {
        "name": name,
        "title": title,
        "caption": caption,
        "columns": described,
        "rows": rows,
        "row_groups": [named[0] or FLOOR_HEADING for named in scores],
        "is_simulated": is_simulated,
        "notes": list(notes),
    }


def difference_table(
    differences: Mapping[tuple[str, str, str], Mapping[str, Interval]],
    *,
    name: str,
    title: str,
    caption: str,
    is_simulated: bool,
) -> ResultTable:
    """Paired differences by model and the two detectors."""
    return {
        "name": name,
        "title": title,
        "caption": caption,
        "columns": [
            _column("comparison", "comparison", "", 0, ""),
            _column("auroc", "AUROC", "difference", 3, ""),
            _column("brier", "Brier", "difference", 3, ""),
        ],
        "rows": [
            [_text(f"{first} - {second}"), *(_cell(found[score], is_ranked=False) for score in ("auroc", "brier"))]
            for (_, first, second), found in differences.items()
        ],
        "row_groups": [model for model, _, _ in differences],
        "is_simulated": is_simulated,
        "notes": [],
    }


def reliability_figure(
    detections: Mapping[Named, Detection], scores: Mapping[Named, Mapping[str, Interval]], *, is_simulated: bool
) -> str:
    """One panel for each detector that looks at a signal; the title says if the people are simulated."""
    panels = []
    for (model, name), found in detections.items():
        if not model:
            continue
        curve = event_reliability(found.event, found.probability, bins=BINS)
        ece = scores[model, name]["ece"].estimate
        panels.append(
            ReliabilityPanel(name, f"{model}, ECE {ece:.3f}", curve.num_clips, curve.confidence, curve.accuracy)
        )
    title = f"{_people(is_simulated)}probability of a gap against how often there was one"
    return event_reliability_figure(panels, title=title[0].upper() + title[1:], event="gap")


def answers_figure(detections: Mapping[Named, Detection], *, level: float, is_simulated: bool) -> str:
    """What each detector answers when its sets are to hold the truth at `level`; as :func:`reliability_figure`."""
    bars = []
    for (model, name), found in detections.items():
        cleared = found.sets[:, 0] & ~found.sets[:, 1]
        flagged, event = found.is_flagged, found.event
        kinds = (
            flagged & event,
            flagged & ~event,
            cleared & ~event,
            cleared & event,
            found.sets.all(axis=1),
            ~found.sets.any(axis=1),
        )
        bars.append(AnswerBar(model or FLOOR_HEADING, name, tuple(float(kind.mean()) for kind in kinds)))
    title = f"{_people(is_simulated)}answers of gap detectors at a coverage of {100 * level:g} %"
    return answer_bars(bars, title=title[0].upper() + title[1:])


def _people(is_simulated: bool) -> str:
    return "SIMULATED people: " if is_simulated else ""


def clip_frame(detections: Mapping[Named, Detection]) -> pl.DataFrame:
    """One row per clip and detector, in the order of the cells."""
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "model": [model] * len(found.event),
                    "detector": [name] * len(found.event),
                    "cell": found.cells,
                    "participant_id": found.people,
                    "is_gap": found.event,
                    "probability": found.probability,
                    "set_holds_no_gap": found.sets[:, 0],
                    "set_holds_gap": found.sets[:, 1],
                    "threshold": found.threshold,
                }
            )
            for (model, name), found in detections.items()
        ]
    )


def _column(name: str, title: str, heading: str, decimals: int, better: str, *, unit: str = "") -> ResultColumn:
    return {
        "name": name, "title": title, "heading": heading, "unit": unit, "decimals": decimals,
        "better": better,  # type: ignore[typeddict-item]
    }  # fmt: skip


def _text(words: str) -> ResultCell:
    return {"value": words, "low": None, "high": None, "note": "", "is_ranked": False}


def _cell(found: Interval, *, is_ranked: bool) -> ResultCell:
    if not np.isfinite(found.estimate):
        return {"value": None, "low": None, "high": None, "note": "no such clip", "is_ranked": False}
    has_limits = bool(np.isfinite(found.low) and np.isfinite(found.high))
    low, high = (found.low, found.high) if has_limits else (None, None)
    return {"value": found.estimate, "low": low, "high": high, "note": "", "is_ranked": is_ranked}


def _threshold(found: Detection) -> ResultCell:
    """Mean over the cells of the least probability that is flagged, with the least and largest of them in the note."""
    values = found.threshold[np.isfinite(found.threshold)]
    if not found.is_flagged.any():
        return {"value": None, "low": None, "high": None, "note": "nothing is flagged", "is_ranked": False}
    note = f"{values.min():.2f} to {values.max():.2f} over the cells"
    return {"value": float(values.mean()), "low": None, "high": None, "note": note, "is_ranked": False}
