"""A head halves its width with every layer but the last."""

import pytest
import torch

from emogap.models.heads import make_head, make_heads
from emogap.types import LabelView, TaskSpec


@pytest.mark.parametrize(
    ("width", "num_layers", "widths"),
    [(32, 1, [32, 7]), (32, 2, [32, 16, 7]), (64, 4, [64, 32, 16, 8, 7])],
)
def test_the_widths_are_those_of_the_specification(width: int, num_layers: int, widths: list[int]) -> None:
    linears = [layer for layer in make_head(width, 7, num_layers=num_layers) if isinstance(layer, torch.nn.Linear)]
    assert [linears[0].in_features, *(linear.out_features for linear in linears)] == widths


def test_every_view_has_a_head_of_its_own() -> None:
    task = TaskSpec((LabelView.SHOWN, LabelView.FELT), ("valence", "arousal"), None, {"eye": (7, 4)})
    heads = make_heads(8, task)
    assert list(heads) == ["shown", "felt"]
    assert heads["felt"](torch.ones(5, 8)).shape == (5, 2)
    assert not torch.equal(heads["felt"][0].weight, heads["shown"][0].weight)
