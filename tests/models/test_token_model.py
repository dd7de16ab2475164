"""Whatever makes the tokens, the clip is the mean of those that are real, and a head per view reads it."""

from collections.abc import Callable

import pytest
import torch

from emogap.errors import MismatchError
from emogap.models.batch import Batch, select_rows
from emogap.models.layers.sequence_encoder import StepLinear
from emogap.models.layers.token_transformer import TransformerOptions
from emogap.models.token_model import TokenModel
from emogap.types import TaskSpec

OPTIONS = TransformerOptions(width=10, depth=1, num_heads=3, head_width=4, feedforward_width=13, dropout=0)


@pytest.fixture
def task(make_task: Callable[..., TaskSpec]) -> TaskSpec:
    return make_task()


@pytest.fixture
def batch(task: TaskSpec, make_batch: Callable[..., Batch]) -> Batch:
    return make_batch(task)


@pytest.fixture
def model(task: TaskSpec) -> TokenModel:
    torch.manual_seed(0)
    encoders = {name: StepLinear(shape[1], width=10) for name, shape in task.streams.items()}
    return TokenModel(encoders, OPTIONS, task)


def test_the_clip_is_the_mean_of_its_real_tokens(model: TokenModel, task: TaskSpec, batch: Batch) -> None:
    output = model(batch)
    mask_BS = torch.cat([batch.masks[name] for name in task.streams], dim=1)
    expected = torch.stack([token[mask].mean(0) for token, mask in zip(output.extras["tokens"], mask_BS, strict=True)])
    torch.testing.assert_close(output.extras["fused"], expected)
    for view, head in model.heads.items():
        torch.testing.assert_close(output.logits[view], head(expected))


def test_a_batch_that_lacks_a_stream_is_refused_in_words(model: TokenModel, batch: Batch) -> None:
    part = select_rows(batch, torch.arange(2))
    streams = {name: part.streams[name] for name in ("face", "fixation")}
    with pytest.raises(MismatchError, match="eye is not there"):
        model(Batch(streams, part.masks, part.labels, part.keys, part.index))
