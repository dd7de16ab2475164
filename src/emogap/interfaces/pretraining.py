"""From the words of ``emogap pretrain`` to a pre-trained network."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emogap.datasets.gaze_index import GazeIndex, open_index
from emogap.errors import UsageError
from emogap.interfaces.checked_options import checked_options
from emogap.learning.pretraining.checkpoint import Pretrained, stored_job
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.loop import pretrain
from emogap.learning.training.resume import RESUME_FILE
from emogap.models.glass.config import GlassConfig, preset
from emogap.recording.derived import record_derived

__all__ = ["pretrain_by_name", "pretraining_doubts"]


OPTIONS = {"max_steps": "--steps", "batch_size": "--batch", "num_threads": "--threads"}
"""Options of the command line whose fields have other names."""


@dataclass(frozen=True, slots=True, eq=False)
class PretrainedOnIndex:
    """A pre-trained network beside the index that it was trained on."""

    pretrained: Pretrained
    index: GazeIndex


def pretrain_by_name(
    index: Path,
    out: Path,
    *,
    size: str,
    past_s: float | None,
    future_s: float | None,
    patch_frames: int,
    held_out: str,
    options: Mapping[str, object],
) -> PretrainedOnIndex:
    """GLASS pre-trained on the index in a folder.

    Parameters
    ----------
    index : Path
        Folder made by ``emogap gaze-index``.
    out : Path
        Folder of the checkpoint; a pre-training that was cut off goes on there.
    size : str
        Name of a preset of the network.
    past_s, future_s : float or None
        Lengths in s that the windows of the index must have; None = as they are.
    patch_frames : int
        Frames of a token.
    held_out : str
        Participants, separated by commas.
    options : mapping
        Other fields of :class:`PretrainingConfig`.

    Raises
    ------
    UnknownNameError
        If there is no such preset or participant.
    UsageError
        If an option cannot be, `out` holds something else, or the windows of the index have other lengths.
    MismatchError
        If `out` holds another pre-training.
    """
    people = tuple(name for name in (part.strip() for part in held_out.split(",")) if name)
    training = checked_options(PretrainingConfig, {**options, "held_out": people}, names=OPTIONS)
    opened = open_index(index)
    _require_lengths(opened, past_s, future_s)
    config = GlassConfig(**preset(size, len(opened.channels)).model_dump() | {"patch_frames": patch_frames})
    if out.exists() and not _is_ours(out):
        raise UsageError("the folder holds something else", where=str(out), fix="name a new folder")
    record_derived(opened.path, out, by="pretrain")
    return PretrainedOnIndex(pretrain(opened, config, training, out), opened)


def pretraining_doubts(found: PretrainedOnIndex) -> tuple[str, ...]:
    """What a careful reader of the result would question."""
    pretrained, doubts = found.pretrained, list(found.index.doubts)
    if not pretrained.people_known:
        doubts.append("not every recording names its participant: nobody can be tested as unseen by this network")
    if len(pretrained.validation_people) < 2:
        doubts.append("one person validates: the numbers say nothing about other people")
    if pretrained.pretraining is not None and pretrained.pretraining.time_order == "shuffled":
        doubts.append("the frames of every window were shuffled: a control, not a network to use")
    return tuple(doubts)


def _require_lengths(index: GazeIndex, past_s: float | None, future_s: float | None) -> None:
    for option, wanted_s, num_frames in (
        ("past", past_s, index.past_frames),
        ("future", future_s, index.future_frames),
    ):
        if wanted_s is not None and max(1, round(wanted_s * index.rate_hz)) != num_frames:
            raise UsageError(
                f"the {option} of the windows is {num_frames / index.rate_hz:g} s long, not {wanted_s:g} s",
                where=str(index.path),
                fix=f"make another index with 'emogap gaze-index SRC OUT --{option} {wanted_s:g}': which windows are"
                " good depends on their length",
            )


def _is_ours(out: Path) -> bool:
    """Whether a folder is empty, or holds a checkpoint or the beginning of one."""
    if not out.is_dir():
        return False
    return not any(out.iterdir()) or (out / RESUME_FILE).is_file() or stored_job(out) is not None
