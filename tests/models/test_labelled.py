"""A clip may teach if any view labels it."""

import torch

from emogap.models.labelled import labelled_clips

NAN = torch.nan


def test_one_view_is_enough() -> None:
    felt = torch.tensor([[0.5, 0.5, 0.0], [NAN] * 3, [NAN] * 3, [1.0, 0.0, 0.0]])
    shown = torch.tensor([[NAN] * 3, [NAN] * 3, [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    assert labelled_clips({"felt": felt, "shown": shown}).tolist() == [True, False, True, True]


def test_one_target_of_several_is_enough() -> None:
    assert labelled_clips({"felt": torch.tensor([[0.1, NAN], [NAN, NAN]])}).tolist() == [True, False]
