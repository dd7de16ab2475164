"""Every network of the shelf at the paper's size: seconds per epoch; four against their textbook forms."""

import time
from dataclasses import replace
from statistics import median

import torch
from torch import Tensor

from benchmarks.textbook import textbook_form
from benchmarks.training import (
    BATCH,
    PAPER_CLIPS,
    TASK,
    interleaved,
    random_clips,
    require_same_answer,
    stepper,
)
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.stage import StageRun, new_optimizer, num_passes_before, one_pass
from emogap.models.batch import Batch, select_rows
from emogap.models.interface import GradientModel, TrainingState, count_parameters
from emogap.models.zoo import ZOO, new_model, streams_instead
from emogap.types import TaskSpec

TEXTBOOK = {
    "tfn": "explicit outer product",
    "lmf": "explicit outer product",
    "mfn": "Python loop over time",
    "mult": "einsum attention",
}
FRAMES = (8, 3, 112, 112)
"""Eight pictures of 112 x 112 pixels, as the paper's C3D sees a clip."""
NUM_CLIPS = 12 * BATCH
"""Clips of the passes that are timed; an epoch is scaled from these."""
NUM_FRAME_CLIPS = 4
"""The same for models that read frames."""
PROTOCOL = TrainingConfig(accelerator="cpu")


def run() -> None:
    torch.manual_seed(0)
    # As every fit of 'emogap bench' runs: one thread in each of several processes.
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread, batch {BATCH}, cached features")
    clips = random_clips(PAPER_CLIPS)
    batch = select_rows(clips, torch.arange(BATCH))
    for name, form in TEXTBOOK.items():
        against_textbook(name, form, batch)
    print(f"an epoch of {PAPER_CLIPS} clips, every pass of it; in brackets what comes once before {PROTOCOL.epochs}")
    for name in ZOO.names():
        epoch_at_paper_size(name, clips)


def against_textbook(name: str, form: str, batch: Batch) -> None:
    model = new_model(name, TASK)
    textbook = textbook_form(model)
    require_same_answer(model, textbook, batch)
    ours_s, theirs_s = interleaved([stepper(model, batch), stepper(textbook, batch)], repetitions=30)
    print(
        f"{name}: {form} / ours: {theirs_s * 1e3:.1f} ms / {ours_s * 1e3:.1f} ms = {theirs_s / ours_s:.2f}", flush=True
    )


def epoch_at_paper_size(name: str, clips: Batch) -> None:
    instead = streams_instead(name)
    task = with_frames(TASK, instead) if instead else TASK
    model = new_model(name, task)
    if not isinstance(model, GradientModel):
        return
    if instead:
        clips = frames_instead(select_rows(clips, torch.arange(NUM_FRAME_CLIPS)), instead)
    epoch_s, before_s = seconds_of_training(model, clips)
    before = f" (+ {before_s:.0f} s before)" if before_s else ""
    print(f"{name:18} {count_parameters(model):10,} parameters {epoch_s:8.2f} s{before}", flush=True)


def seconds_of_training(model: GradientModel, clips: Batch) -> tuple[float, float]:
    """Seconds per epoch at the paper's size, and of all passes before the first one."""
    memory = model.new_memory(clips)
    few = select_rows(clips, torch.arange(min(NUM_CLIPS, clips.num_clips)))
    epoch_s = before_s = 0.0
    for number, stage in enumerate(model.stages()):
        run = StageRun(stage, number, new_optimizer(model, stage, PROTOCOL))
        # From the third epoch on every model does all that it ever does.
        state = TrainingState(2, PROTOCOL.epochs, 0, stage=stage.name, memory=memory)
        pass_s = seconds_of_pass(model, few, run, state) * PAPER_CLIPS / few.num_clips
        if stage.share_before:
            before_s += pass_s * num_passes_before(stage, PROTOCOL)
        else:
            epoch_s += pass_s
    return epoch_s, before_s


def seconds_of_pass(model: GradientModel, clips: Batch, run: StageRun, state: TrainingState) -> float:
    """Median of three passes over `clips`, after a short one that warms up."""
    seconds = []
    for rows in (2 * BATCH, clips.num_clips, clips.num_clips, clips.num_clips):
        part = select_rows(clips, torch.arange(min(rows, clips.num_clips)))
        begun = time.perf_counter()
        one_pass(model, part, run, state, PROTOCOL, Tensor.backward)
        seconds.append(time.perf_counter() - begun)
    return median(seconds[1:])


def with_frames(task: TaskSpec, instead: dict[str, str]) -> TaskSpec:
    streams = {instead.get(name, name): FRAMES if name in instead else shape for name, shape in task.streams.items()}
    return replace(task, streams=streams)


def frames_instead(clips: Batch, instead: dict[str, str]) -> Batch:
    """The clips with pictures of noise in place of the features that the model does not read."""
    streams, masks = dict(clips.streams), dict(clips.masks)
    for features, frames in instead.items():
        num_frames = streams.pop(features).shape[1]
        streams[frames] = torch.randint(256, (clips.num_clips, num_frames, *FRAMES[1:]), dtype=torch.uint8)
        masks[frames] = masks.pop(features)
    return replace(clips, streams=streams, masks=masks)
