"""One vector per stream and clip, before a tensor fusion."""

from collections.abc import Callable

import pytest
import torch

from emogap.models.batch import Batch
from emogap.models.layers.sequence_vector import SequenceVector
from emogap.models.layers.subnetworks import ClipVectors, PooledPerceptron, SubnetworkOptions
from emogap.types import TaskSpec


@pytest.fixture
def stream() -> torch.Tensor:
    return torch.randn(6, 4, 5, generator=torch.Generator().manual_seed(0)) * 3 + 2


@pytest.fixture
def mask() -> torch.Tensor:
    mask_BT = torch.ones(6, 4, dtype=torch.bool)
    mask_BT[1] = mask_BT[4] = False
    mask_BT[2, 3] = False
    return mask_BT


def perceptron() -> PooledPerceptron:
    torch.manual_seed(2)
    return PooledPerceptron(5, width=9, dropout=0)


def test_batch_normalisation_sees_the_clips_that_have_the_stream_alone(
    stream: torch.Tensor, mask: torch.Tensor
) -> None:
    """Four of six clips have it; their means are taken by hand, over the steps that are real."""
    module = perceptron()
    vector_BW = module(stream, mask)
    present = [0, 2, 3, 5]
    mean_PD = torch.stack([stream[clip, : 3 if clip == 2 else 4].mean(0) for clip in present])
    normal_PD = (mean_PD - mean_PD.mean(0)) / (mean_PD.var(0, correction=0) + 1e-5).sqrt()
    torch.testing.assert_close(vector_BW[present], module.layers(normal_PD))
    assert not vector_BW[[1, 4]].any()
    torch.testing.assert_close(module.norm.running_mean, 0.1 * mean_PD.mean(0))


def test_three_linear_layers_each_with_relu() -> None:
    assert [type(layer) for layer in perceptron().layers] == [torch.nn.Linear, torch.nn.ReLU] * 3


@pytest.mark.parametrize("num_present", [0, 1])
def test_a_batch_with_one_clip_or_none_trains_and_leaves_the_running_mean(
    num_present: int, stream: torch.Tensor
) -> None:
    """One clip has no variance: torch refuses to normalise it, and a fold may well end on a batch of one."""
    module = perceptron()
    mask_BT = torch.zeros(6, 4, dtype=torch.bool)
    mask_BT[:num_present] = True
    vector_BW = module(stream, mask_BT)
    vector_BW.sum().backward()
    assert vector_BW.isfinite().all()
    assert vector_BW[:num_present].any() == bool(num_present)
    assert not module.norm.running_mean.any()


def test_in_use_a_clip_gets_the_same_vector_in_any_batch(stream: torch.Tensor, mask: torch.Tensor) -> None:
    module = perceptron()
    module(stream, mask)
    module.eval()
    alone = module(stream[2:3], mask[2:3])
    torch.testing.assert_close(module(stream, mask)[2:3], alone)
    assert alone.any()


def test_streams_named_are_pooled_and_all_others_get_an_lstm(
    make_task: Callable[..., TaskSpec], make_batch: Callable[..., Batch]
) -> None:
    task = make_task({"eye": (7, 4), "vision": (3, 5), "text": (6, 2)})
    options = SubnetworkOptions(
        pooled_streams=("face", "vision"), pooled_width=9, sequence_width=8, lstm_width=11, dropout=0
    )
    module = ClipVectors(task, options)
    assert {name: type(network) for name, network in module.subnetworks.items()} == {
        "eye": SequenceVector, "vision": PooledPerceptron, "text": SequenceVector,
    }  # fmt: skip
    assert module.widths == {"eye": 8, "vision": 9, "text": 8}
    vectors = module(make_batch(task))
    assert {name: vector.shape for name, vector in vectors.items()} == {
        name: (11, width) for name, width in module.widths.items()
    }
