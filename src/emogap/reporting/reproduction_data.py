"""What stands before any score when EMER is reproduced: what a clip is, and who and what is in which fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emogap.counted_nouns import counted
from emogap.reporting.audit_findings import AuditFinding
from emogap.reporting.published_tables import EMER_RELEASE
from emogap.reporting.result_of_run import number_cell, text_column, words_cell
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = ["FoldFacts", "clip_table", "findings_table", "fold_table"]


@dataclass(frozen=True, slots=True)
class FoldFacts:
    """Who and what is in one official fold; None = not known.

    Attributes
    ----------
    name : str
    num_clips : int
    num_people, num_shared_people : int or None
        People, and those of them who are in another fold too.
    num_stimuli, num_shared_stimuli : int or None
    """

    name: str
    num_clips: int
    num_people: int | None
    num_shared_people: int | None
    num_stimuli: int | None
    num_shared_stimuli: int | None


def fold_table(folds: Sequence[FoldFacts], *, is_simulated: bool) -> ResultTable:
    """Every official fold: clips, people, stimuli, and how many of them are in another fold too."""
    titles = ("clips", "people", "of these in another set", "stimuli", "of these in another set")
    names = ("clips", "people", "shared_people", "stimuli", "shared_stimuli")
    return ResultTable(
        name="emer_folds",
        title="The official folds",
        caption="The five sets of the release, each tested once by models of the other four. Whether people are in one"
        " set only the paper does not say; this is what was found.",
        columns=[text_column("set", "set"), *(_count(name, title) for name, title in zip(names, titles, strict=True))],
        rows=[
            [
                words_cell(fold.name),
                _counted(fold.num_clips),
                _counted(fold.num_people),
                _counted(fold.num_shared_people),
                _counted(fold.num_stimuli),
                _counted(fold.num_shared_stimuli),
            ]
            for fold in folds
        ],
        row_groups=[""] * len(folds),
        is_simulated=is_simulated,
        notes=[],
    )


def findings_table(findings: Sequence[AuditFinding], *, is_simulated: bool) -> ResultTable:
    """What the leakage audit of the official folds found."""
    return ResultTable(
        name="emer_audit",
        title="Audit of the official folds",
        caption="A leak means that scores on these folds say less about new people than they seem to; a warning asks to"
        " read them with care.",
        columns=[text_column("kind", "looked for"), text_column("severity", "result")],
        rows=[[words_cell(each.kind), words_cell(each.severity)] for each in findings],
        row_groups=[each.subject for each in findings],
        is_simulated=is_simulated,
        notes=[
            f"{each.severity}, {each.kind}: {each.what}.{f' What to do: {each.fix}.' if each.fix else ''}"
            for each in findings
        ],
    )


def _count(name: str, title: str) -> ResultColumn:
    return ResultColumn(name=name, title=title, heading="", unit="", decimals=0, better="")


def _counted(number: int | None) -> ResultCell:
    return number_cell(number, note="not known")


def clip_table(measures: Mapping[str, Sequence[float]], *, is_simulated: bool) -> ResultTable:
    """How long clips are and how densely they were sampled: what the paper does not say.

    Parameters
    ----------
    measures : mapping from column of ``quality.parquet`` to one number per clip
        `duration_s`, `num_samples`, `rate_hz`, `num_face_frames`, `loss_share`.
    is_simulated : bool
    """
    duration_s = np.asarray(measures["duration_s"], np.float64)
    frames = np.asarray(measures["num_face_frames"], np.float64)
    rows = {
        "duration of the gaze (s)": duration_s,
        "gaze samples": np.asarray(measures["num_samples"], np.float64),
        "sampling rate, from the time stamps (Hz)": np.asarray(measures["rate_hz"], np.float64),
        "share of samples lost": np.asarray(measures["loss_share"], np.float64),
        "face frames": frames,
        "face frames per second, if they span the gaze": frames / duration_s,
    }
    numbers = ("median", "least", "most")
    return ResultTable(
        name="emer_clips",
        title="What a clip is",
        caption=f"Over {counted(len(duration_s), 'clip')}; {int(sum(measures['num_samples'])):,} gaze samples and"
        f" {int(frames.sum()):,} face frames in all.",
        columns=[
            text_column("measure", "measure"),
            *(ResultColumn(name=name, title=name, heading="", unit="", decimals=2, better="") for name in numbers),
        ],
        rows=[
            [
                words_cell(name),
                *(number_cell(float(of(values)), note="") for of in (np.median, np.min, np.max)),
            ]
            for name, values in rows.items()
        ],
        row_groups=[""] * len(rows),
        is_simulated=is_simulated,
        notes=[
            f"The paper: {EMER_RELEASE['clips']:,} clips, {EMER_RELEASE['frames']:,} frames, which is"
            f" {EMER_RELEASE['frames'] / EMER_RELEASE['clips']:.0f} a clip, and 1.91 million samples, which is"
            f" {EMER_RELEASE['samples'] / EMER_RELEASE['clips']:,.0f}; it states neither rate, and 1 to 2 minutes per"
            " clip, which no usual rate gives."
        ],
    )
