"""An EMERT training step: against the same step with a face network in the loop, and against textbook attention."""

import copy
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

from emogap.learning.randomness import shuffled
from emogap.models.batch import Batch, select_rows
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.layers.cross_attention import CrossAttention
from emogap.models.zoo import emert
from emogap.types import LabelView, SampleKey, TaskSpec

BATCH = 16
PAPER_CLIPS = 1043
"""Training clips of one fold of EMER (arXiv 2512.16485, section 5)."""

TASK = TaskSpec(
    (LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", {"face": (8, 512), "eye": (32, 39), "fixation": (32, 2)}
)
STATE = TrainingState(epoch=0, num_epochs=1, step=0)


def run() -> None:
    torch.manual_seed(0)
    # As every fit of 'emogap bench' runs: one thread in each of several processes.
    torch.set_num_threads(1)
    print(f"torch {torch.__version__} on the processor, {torch.get_num_threads()} threads, batch {BATCH}")
    clips = random_clips(PAPER_CLIPS)
    batch = select_rows(clips, torch.arange(BATCH))
    model = emert.Model(emert.Config(), TASK)
    against_textbook_attention(model, batch)
    against_resnet18(model, batch)
    epoch_at_paper_size(model, clips)


def against_textbook_attention(model: emert.Model, batch: Batch) -> None:
    textbook = with_textbook_attention(model)
    require_same_answer(model, textbook, batch)
    seconds = interleaved([stepper(model, batch), stepper(textbook, batch)], repetitions=40)
    report("textbook attention / ours", seconds[1], seconds[0], goal=1.2)


def against_resnet18(model: emert.Model, batch: Batch) -> None:
    frames = torch.randn(BATCH, 8, 3, 112, 112)
    seconds = interleaved([stepper(model, batch), face_stepper(model, batch, frames)], repetitions=3)
    report("ResNet-18 in the loop / cached features", seconds[1], seconds[0], goal=40)


def epoch_at_paper_size(model: emert.Model, clips: Batch) -> None:
    model = copy.deepcopy(model).train()
    optimizer = adam(model)
    begun = time.perf_counter()
    for rows in torch.split(shuffled(clips.num_clips, 0), BATCH):
        train_step(model, optimizer, select_rows(clips, rows))
    seconds = time.perf_counter() - begun
    print(f"an epoch of {clips.num_clips} clips: {seconds:.2f} s; 200 epochs: {seconds * 200 / 60:.0f} min")


def random_clips(num_clips: int) -> Batch:
    """Cached features of noise, with a tenth of the steps masked."""
    streams = {name: torch.randn(num_clips, *shape) for name, shape in TASK.streams.items()}
    masks = {name: torch.rand(num_clips, shape[0]) > 0.1 for name, shape in TASK.streams.items()}
    labels = {view.value: torch.eye(7)[torch.randint(7, (num_clips,))] for view in TASK.views}
    keys = tuple(SampleKey("noise", f"r{clip}", "p", "s", "g", 0.0, 8.0) for clip in range(num_clips))
    return Batch(streams, masks, labels, keys, torch.arange(num_clips))


def adam(*modules: nn.Module) -> torch.optim.Optimizer:
    parameters = [parameter for module in modules for parameter in module.parameters()]
    return torch.optim.Adam(parameters, lr=1e-4, weight_decay=5e-4, fused=True)


def train_step(model: emert.Model, optimizer: torch.optim.Optimizer, batch: Batch) -> None:
    total, _ = model.loss(model(batch), batch, STATE)
    optimizer.zero_grad()
    total.backward()
    optimizer.step()


def stepper(model: emert.Model, batch: Batch) -> Callable[[], None]:
    model = copy.deepcopy(model).train()
    optimizer = adam(model)
    return lambda: train_step(model, optimizer, batch)


def face_stepper(model: emert.Model, batch: Batch, frames_BFCHW: Tensor) -> Callable[[], None]:
    """The same step, with the face features computed from frames by a ResNet-18 that is trained along."""
    model, network = copy.deepcopy(model).train(), ResNet18().train()
    optimizer = adam(model, network)

    def step() -> None:
        face_BFD = network(frames_BFCHW.flatten(0, 1)).unflatten(0, frames_BFCHW.shape[:2])
        with_face = Batch({**batch.streams, "face": face_BFD}, batch.masks, batch.labels, batch.keys, batch.index)
        train_step(model, optimizer, with_face)

    return step


def interleaved(steps: list[Callable[[], None]], *, repetitions: int) -> list[float]:
    """Median seconds of each, one repetition of each after the other, so that both meet the same machine."""
    for step in steps:
        step()
    seconds: list[list[float]] = [[] for _ in steps]
    for _ in range(repetitions):
        for step, taken in zip(steps, seconds, strict=True):
            begun = time.perf_counter()
            step()
            taken.append(time.perf_counter() - begun)
    return [median(taken) for taken in seconds]


def report(what: str, slow_s: float, fast_s: float, *, goal: float) -> None:
    ratio = slow_s / fast_s
    verdict = "reached" if ratio >= goal else "MISSED"
    print(f"{what}: {slow_s * 1e3:.0f} ms / {fast_s * 1e3:.1f} ms = {ratio:.2f} (goal {goal:g}: {verdict})", flush=True)


class TextbookAttention(CrossAttention):
    """The same parameters, used as equation 1 of Vaswani et al. (2017) is printed."""

    def forward(self, asking_BQD: Tensor, key_BSD: Tensor, value_BSD: Tensor, mask_BS: Tensor) -> Tensor:
        query, key, value = (
            layer(token).unflatten(-1, (self.num_heads, self.head_width))
            for layer, token in ((self.query, asking_BQD), (self.key, key_BSD), (self.value, value_BSD))
        )
        score_BNQS = torch.einsum("bqnw,bsnw->bnqs", query, key) * self.head_width**-0.5
        weight_BNQS = score_BNQS.masked_fill(~mask_BS[:, None, None, :], -torch.inf).softmax(dim=-1)
        collected_BQNW = torch.einsum("bnqs,bsnw->bqnw", weight_BNQS, value)
        return self.dropout(self.output(collected_BQNW.flatten(2)))


def with_textbook_attention(model: emert.Model) -> emert.Model:
    textbook = copy.deepcopy(model)
    for layer in textbook.layers:
        layer.attention.__class__ = TextbookAttention
    return textbook


def require_same_answer(model: emert.Model, other: emert.Model, batch: Batch) -> None:
    with torch.no_grad():
        answers = [network.eval()(batch).logits["felt"] for network in (model, other)]
    torch.testing.assert_close(answers[0], answers[1], rtol=1e-4, atol=1e-5)


class ResNet18(nn.Module):
    """ResNet-18 without its classifier: (N, 3, H, W) -> (N, 512). He et al. (2016), arXiv 1512.03385, table 1."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        widths = (64, 64, 128, 256, 512)
        self.stages = nn.Sequential(
            *(
                nn.Sequential(BasicBlock(wide_in, wide, stride), BasicBlock(wide, wide, 1))
                for wide_in, wide, stride in zip(widths, widths[1:], (1, 2, 2, 2), strict=False)
            )
        )
        assert abs(count_parameters(self) - 11.18e6) < 0.01e6

    def forward(self, frames_NCHW: Tensor) -> Tensor:
        return self.stages(self.stem(frames_NCHW)).mean(dim=(2, 3))


class BasicBlock(nn.Module):
    def __init__(self, wide_in: int, wide: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(wide_in, wide, 3, stride=stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(wide)
        self.second = nn.Conv2d(wide, wide, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(wide)
        self.shortcut = (
            nn.Sequential(nn.Conv2d(wide_in, wide, 1, stride=stride, bias=False), nn.BatchNorm2d(wide))
            if stride > 1 or wide_in != wide
            else nn.Identity()
        )

    def forward(self, image_NCHW: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(image_NCHW)), inplace=True)
        return functional.relu(self.second_norm(self.second(inner)) + self.shortcut(image_NCHW), inplace=True)
