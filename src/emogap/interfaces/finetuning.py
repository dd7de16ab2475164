"""From the words of ``emogap finetune`` to fitted networks, their scores, and the files that hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from emogap.counted_nouns import counted
from emogap.datasets import open_dataset
from emogap.datasets.gaze_index import open_index
from emogap.datasets.gaze_index.header import INDEX_FILE
from emogap.errors import UnknownNameError, UsageError
from emogap.files import write_aside, write_json
from emogap.interfaces.checked_options import checked_options
from emogap.learning.evaluation.protocols import open_protocol, protocol_names
from emogap.learning.finetuning.comparison import compare
from emogap.learning.finetuning.config import FinetuningConfig
from emogap.learning.finetuning.dataset_windows import windows_of_dataset
from emogap.learning.finetuning.index_windows import windows_of_index
from emogap.learning.finetuning.people import PeopleSplit, split_people
from emogap.learning.finetuning.question import LABEL_FILE_QUESTIONS
from emogap.learning.finetuning.scores import RowScores, predictions_table, score_rows
from emogap.learning.finetuning.windows import LabelledWindows
from emogap.learning.pretraining.authors_checkpoint import read_authors_checkpoint
from emogap.learning.pretraining.checkpoint import Pretrained, load_glass
from emogap.models.glass.heads import HeadConfig, HeadKind
from emogap.recording.derived import record_derived

__all__ = ["PREDICTIONS_FILE", "SCORES_FILE", "FinetuneReport", "finetune_by_name"]

SCHEMA = 1

SCORES_FILE = "finetune.json"
PREDICTIONS_FILE = "predictions.parquet"

NOBODY = "none"
"""What ``--test`` says for a network that is fitted on everybody."""

OPTIONS = {
    "chunk_s": "--chunk",
    "batch_size": "--batch",
    "head_first_epochs": "--head-first",
    "unfrozen_share": "--unfrozen",
    "num_seeds": "--seeds",
}
"""Options of the command line whose fields have other names."""

FEW_PEOPLE = 10
"""With fewer test people an interval over people says little."""


@dataclass(frozen=True, slots=True, eq=False)
class FinetuneReport:
    """What was fitted, on whom, and how good it is.

    Attributes
    ----------
    path : Path
    windows : LabelledWindows
    split : PeopleSplit
    config : FinetuningConfig
    rows : tuple of RowScores
        Empty if nobody was tested.
    doubts : tuple of str
    """

    path: Path
    windows: LabelledWindows
    split: PeopleSplit
    config: FinetuningConfig
    rows: tuple[RowScores, ...]
    doubts: tuple[str, ...]

    def people(self, side: str) -> tuple[str, ...]:
        """Names of those on a side: ``training``, ``validation`` or ``test``."""
        return tuple(sorted({self.windows.people[row] for row in getattr(self.split, side)}))

    def as_json(self) -> dict[str, object]:
        """Everything as JSON values; what ``finetune.json`` holds."""
        question = self.windows.question
        return {
            "schema": SCHEMA,
            "question": {"name": question.name, "kind": question.kind, "outputs": list(question.outputs)},
            "data": self.windows.name,
            "simulated": self.windows.simulated,
            "window_s": self.windows.gaze.shape[1] / self.windows.rate_hz,
            "windows": {side: len(getattr(self.split, side)) for side in ("training", "validation", "test")},
            "people": {side: list(self.people(side)) for side in ("training", "validation", "test")},
            "left_out": dict(self.windows.dropped),
            "config": self.config.model_dump(mode="json"),
            "rows": list(self.rows),
            "doubts": list(self.doubts),
        }


def finetune_by_name(
    checkpoint: Path,
    data: Path,
    out: Path,
    *,
    task: str,
    labels: Path | None,
    test: str,
    head: Mapping[str, object],
    options: Mapping[str, object],
    with_baselines: bool = True,
) -> FinetuneReport:
    """Fine-tune a pre-trained network, score it beside the baselines, and write all of it into `out`.

    Parameters
    ----------
    checkpoint : Path
        Folder of ``emogap pretrain``, or a file of the authors of GLASS.
    data : Path
        Index of gaze for the tasks ``vad`` and ``behaviour``, data set with the stream ``gaze`` for a protocol.
    out : Path
        Folder to make; the same job goes on in it.
    task : str
    labels : Path or None
        File of labels, for an index.
    test : str
        ``p1,p2``; ``none`` for nobody; empty for a share of those whom pre-training did not see.
    head, options : mapping
        Fields of :class:`HeadConfig` and of :class:`FinetuningConfig`.
    with_baselines : bool

    Raises
    ------
    UnknownNameError
        If there is no such task or head.
    UsageError
        If task and data do not go together, an option cannot be, or `out` holds something else.
    MismatchError
        If the gaze is not what the network was pre-trained on, or a test person was seen in pre-training.
    DataError
        If a checkpoint, the data or the labels are damaged.
    """
    if head["kind"] not in get_args(HeadKind):
        raise UnknownNameError("head", str(head["kind"]), get_args(HeadKind))
    settled = {**options, "head": checked_options(HeadConfig, head, names=OPTIONS)}
    checked = checked_options(FinetuningConfig, settled, names=OPTIONS)
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not _is_ours(out))):
        raise UsageError("the folder holds something else", where=str(out), fix="name a new folder")
    pretrained = read_authors_checkpoint(checkpoint).pretrained if checkpoint.is_file() else load_glass(checkpoint)
    windows = _windows(pretrained, data, task, labels)
    split = split_people(
        windows,
        pretrained,
        test=None if not test else () if test == NOBODY else [name.strip() for name in test.split(",")],
        test_share=checked.test_share,
        validation_share=checked.validation_share,
        seed=checked.seed,
    )
    for source in (data, *([] if checkpoint.is_file() else [checkpoint])):
        record_derived(source, out, by="finetune")
    compared = compare(pretrained, windows, split, checked, folder=out, with_baselines=with_baselines)
    rows = score_rows(compared, windows, split, seed=checked.seed) if compared.told else ()
    report = FinetuneReport(out, windows, split, checked, tuple(rows), tuple(_doubts(pretrained, windows, split)))
    if compared.told:
        with write_aside(out / PREDICTIONS_FILE) as partial:
            predictions_table(compared, windows, split).write_parquet(partial)
    write_json(out / SCORES_FILE, report.as_json())
    return report


def _windows(pretrained: Pretrained, data: Path, task: str, labels: Path | None) -> LabelledWindows:
    is_index = (data / INDEX_FILE).is_file()
    if task in LABEL_FILE_QUESTIONS:
        if not is_index or labels is None:
            raise UsageError(
                f"the task {task} needs an index of gaze and a file of labels",
                where=str(data),
                fix="make the index with 'emogap gaze-index', and give --labels FILE",
            )
        question = LABEL_FILE_QUESTIONS[task]
        return windows_of_index(open_index(data), labels, question, window_frames=pretrained.past_frames)
    if task not in protocol_names():
        raise UnknownNameError("task", task, [*LABEL_FILE_QUESTIONS, *protocol_names()])
    if is_index or labels is not None:
        raise UsageError(
            f"the protocol {task} asks a data set, which holds its own labels",
            where=str(data),
            fix="give a folder made by 'emogap build' with --gaze-rate, and no --labels",
        )
    return windows_of_dataset(open_dataset(data), open_protocol(task), patch_frames=pretrained.config.patch_frames)


def _is_ours(out: Path) -> bool:
    return (out / SCORES_FILE).is_file() or any(out.glob("pretrained-*"))


def _doubts(pretrained: Pretrained, windows: LabelledWindows, split: PeopleSplit) -> Sequence[str]:
    doubts = []
    if windows.simulated:
        doubts.append("the people are simulated: nothing of this holds for real ones")
    elif pretrained.simulated:
        doubts.append("the pre-training saw simulated people")
    num_tested = len({windows.people[row] for row in split.test})
    if 0 < num_tested < FEW_PEOPLE:
        doubts.append(f"{counted(num_tested, 'person', 'was')} tested: intervals over so few people say little")
    if not pretrained.people_known:
        doubts.append("it is not known whom the pre-training saw")
    return doubts
