"""A network whose answer hangs on one known place: occlusion finds that place and nothing else."""

from typing import ClassVar

import pytest
import torch

from emogap.errors import UsageError
from emogap.learning.evaluation.attribution.explained import (
    class_probability,
    labelled_classes,
    predicted_classes,
    require_classes,
)
from emogap.learning.evaluation.attribution.occlusion import occluded, step_importance, stream_importance
from emogap.models.batch import Batch
from emogap.models.interface import GradientModel, Output
from emogap.types import LabelView, SampleKey, TaskSpec

STREAMS = {"face": (3, 5), "eye": (7, 4)}
TASK = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion3", STREAMS)


class OneStep(GradientModel):
    """Felt looks at step 4 of the eyes alone, shown at step 1 of the face."""

    description: ClassVar[str] = "two known steps"

    def forward(self, batch: Batch) -> Output:
        felt, shown = batch.streams["eye"][:, 4, :3], batch.streams["face"][:, 1, :3]
        return Output({"felt": 5 * felt, "shown": 5 * shown})


def batch() -> Batch:
    torch.manual_seed(0)
    streams = {name: torch.randn(6, *shape) for name, shape in STREAMS.items()}
    streams["eye"][:, 4, 1] += 4
    streams["face"][:, 1, 2] += 4
    masks = {name: torch.ones(6, shape[0], dtype=torch.bool) for name, shape in STREAMS.items()}
    masks["eye"][2, 6] = False
    masks["face"][5] = False
    labels = {"felt": torch.eye(3)[[0, 1, 2, 0, 1, 2]], "shown": torch.full((6, 3), torch.nan)}
    keys = tuple(SampleKey("hand", f"r{clip}", f"p{clip}", "s", "s", 0.0, 8.0) for clip in range(6))
    return Batch(streams, masks, labels, keys, torch.arange(6))


def test_the_step_that_decides_is_found_and_no_other() -> None:
    given = batch()
    found = step_importance(OneStep(TASK), given, predicted_classes(OneStep(TASK), given))
    assert found["felt"].shape == (6, 10)
    felt, shown = (found[view].nan_to_num() != 0 for view in ("felt", "shown"))
    assert felt.any(dim=0).nonzero().flatten().tolist() == [3 + 4]
    assert shown.any(dim=0).nonzero().flatten().tolist() == [1]
    assert (found["felt"][:, 7] > 0.3).all()


def test_the_stream_that_decides_is_found_and_no_other() -> None:
    given = batch()
    found = stream_importance(OneStep(TASK), given, predicted_classes(OneStep(TASK), given))
    assert (found["felt"][:5, 0] == 0).all()
    assert (found["felt"][:, 1] > 0.3).all()
    assert (found["shown"][:5, 0] > 0.3).all()
    assert (found["shown"][:, 1] == 0).all()


def test_an_importance_is_the_fall_of_the_probability() -> None:
    """Without the step all logits are 0, so that 1/3 is left."""
    given = batch()
    classes = predicted_classes(OneStep(TASK), given)
    found = step_importance(OneStep(TASK), given, classes)["felt"][:, 7]
    torch.testing.assert_close(found, class_probability(OneStep(TASK), given, classes)["felt"] - 1 / 3)


def test_what_a_clip_does_not_have_is_not_asked_about() -> None:
    given = batch()
    classes = predicted_classes(OneStep(TASK), given)
    steps = step_importance(OneStep(TASK), given, classes)["felt"]
    assert steps.isnan().nonzero().tolist() == [[2, 3 + 6], [5, 0], [5, 1], [5, 2]]
    assert stream_importance(OneStep(TASK), given, classes)["shown"].isnan().nonzero().tolist() == [[5, 0]]


def test_a_missing_step_is_as_if_never_recorded() -> None:
    gone = occluded(batch(), "eye", [4])
    assert not gone.masks["eye"][:, 4].any()
    assert (gone.streams["eye"][:, 4] == 0).all()
    torch.testing.assert_close(gone.streams["eye"][:, :4], batch().streams["eye"][:, :4])
    assert torch.equal(gone.streams["face"], batch().streams["face"])


def test_the_labelled_class_is_followed_where_there_is_a_label() -> None:
    classes = labelled_classes(batch())
    assert classes["felt"].tolist() == [0, 1, 2, 0, 1, 2]
    assert classes["shown"].tolist() == [-1] * 6
    assert class_probability(OneStep(TASK), batch(), classes)["shown"].isnan().all()


def test_values_are_refused() -> None:
    with pytest.raises(UsageError, match="asks for valence"):
        require_classes(TaskSpec((LabelView.FELT,), ("valence",), None, STREAMS))
