"""EMERT whose eyes are read by GLASS."""

from collections.abc import Callable

import pytest
import torch

from emogap.errors import UsageError
from emogap.models.batch import Batch
from emogap.models.glass.clip_encoder import ClipEncoder, GlassNetwork
from emogap.models.glass.config import GlassConfig
from emogap.models.interface import TrainingState, training_only
from emogap.models.layers.sequence_encoder import MaskedLSTM
from emogap.models.zoo import pretrained_parts, settled_config, streams_instead
from emogap.models.zoo.emert import Config, Model
from emogap.types import TaskSpec
from tests.models.training_steps import learn

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
SIZES = GlassConfig(num_channels=3, patch_frames=2, width=16, num_heads=2, encoder_layers=1, decoder_layers=1)
NETWORK = GlassNetwork(sizes=SIZES, window_frames=8, rate_hz=10.0, channels=("a", "b", "c"), job="j")
STREAMS = {"face": (4, 5), "gaze": (19, 3), "fixation": (6, 2)}
START = TrainingState(epoch=0, num_epochs=1, step=0)


def glass_config(**options: object) -> Config:
    small = {"encoder_width": 10, "mlp_width": 9, "width": 8, "dropout": 0, "encoder_dropout": 0, "position_dropout": 0}
    return Config.model_validate({**small, "eye_encoder": "glass", "glass": NETWORK, **options})


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task(STREAMS)


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def model_of(task: TaskSpec, **options: object) -> Model:
    torch.manual_seed(0)
    return Model(glass_config(**options), task)


def test_glass_takes_the_place_of_the_lstm_of_the_eyes_and_of_nothing_else(task: TaskSpec, batch: Batch) -> None:
    model = model_of(task).eval()
    assert isinstance(model.encoders["gaze"], ClipEncoder)
    assert isinstance(model.encoders["fixation"], MaskedLSTM)
    # 4 steps of the face, one per patch of two frames of 19, 6 of the fixations.
    assert model.generic_position_SW.shape == (4 + 10 + 6, 8)
    output = model(batch)
    assert {view: logits.shape for view, logits in output.logits.items()} == {"felt": (11, 7), "shown": (11, 7)}
    total, parts = model.loss(output, batch, START)
    assert total.isfinite()
    assert {"generic", "private"} <= set(parts)


def test_an_lstm_reads_raw_gaze_frame_by_frame_where_it_is_named(task: TaskSpec) -> None:
    model = Model(Config(), task)
    assert isinstance(model.encoders["gaze"], MaskedLSTM)
    assert model.stages()[0].trains is None
    assert pretrained_parts("emert", Config()) == ()


@pytest.mark.parametrize(("is_frozen", "moves"), [(True, False), (False, True)])
def test_a_frozen_glass_is_not_moved_and_everything_else_is(
    task: TaskSpec, batch: Batch, is_frozen: bool, moves: bool
) -> None:
    model = model_of(task, glass_frozen=is_frozen, glass_checkpoint="CKPT")
    (stage,) = model.stages()
    (part,) = pretrained_parts("emert", model.config)
    with training_only(model, stage):
        model.train()
        model.loss(model(batch), batch, START)[0].backward()
    has_gradient = {name: value.grad is not None for name, value in model.named_parameters()}
    inside = [name for name in has_gradient if name.startswith(f"{part.name}.")]
    assert len(inside) > 10
    assert all(has_gradient[name] is moves for name in inside)
    assert all(is_there for name, is_there in has_gradient.items() if name not in inside)


def test_the_network_learns_a_few_clips_by_heart_through_glass_alone(
    make_task: MakeTask, make_batch: MakeBatch
) -> None:
    """Gaze is the only stream, so that what is learned went through the encoder."""
    task = make_task({"gaze": (19, 3)}, views=("felt",), space="emotion3")
    model, batch = model_of(task, glass_frozen=False), make_batch(task, 6)
    before = model.loss(model.eval()(batch), batch, START)[0]
    learn(model.train(), batch, num_epochs=60, learning_rate=0.01)
    assert model.loss(model.eval()(batch), batch, START)[0] < 0.2 < before


def test_random_weights_ask_for_no_part_of_a_checkpoint() -> None:
    assert pretrained_parts("emert", glass_config(glass_start="random", glass_checkpoint="CKPT")) == ()
    (part,) = pretrained_parts("emert", glass_config(glass_checkpoint="CKPT"))
    assert (part.name, part.stream, part.checkpoint) == ("encoders.gaze.encoder", "gaze", "CKPT")
    assert part.network == NETWORK


def test_gaze_is_read_in_place_of_the_eyes_only_with_glass() -> None:
    assert streams_instead("emert") == {}
    assert streams_instead("emert", glass_config()) == {"eye": "gaze"}


def test_options_are_completed_by_what_the_checkpoint_holds() -> None:
    open_config = glass_config(glass=None, glass_checkpoint="CKPT")
    asked: list[str] = []

    def describe(folder: str) -> GlassNetwork:
        asked.append(folder)
        return NETWORK

    assert settled_config("emert", open_config, describe) == glass_config(glass_checkpoint="CKPT")
    assert settled_config("emert", Config(), describe) == Config()
    assert asked == ["CKPT"]


def test_a_control_without_a_checkpoint_states_its_network() -> None:
    control = glass_config(glass_start="random")
    assert settled_config("emert", control, lambda folder: NETWORK) is control
    for options in ({"glass": None, "glass_start": "random"}, {"glass_start": "pretrained"}):
        with pytest.raises(UsageError, match="no checkpoint is named"):
            settled_config("emert", glass_config(**options), lambda folder: NETWORK)


@pytest.mark.parametrize(
    ("streams", "options", "told"),
    [
        ({"face": (4, 5), "eye": (7, 4)}, {}, "reads the stream gaze, and the task has face, eye"),
        ({"gaze": (19, 6)}, {}, "6 channels, the pre-trained network reads a, b, c"),
        ({"gaze": (19, 3)}, {"glass": None}, "does not know the sizes"),
    ],
)
def test_what_glass_cannot_read_is_refused(
    make_task: MakeTask, streams: dict[str, tuple[int, ...]], options: dict[str, object], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        Model(glass_config(**options), make_task(streams))
