"""Statistics per channel against NumPy's."""

import numpy as np
import torch

from emogap.models.summary_statistics import channel_statistics


def test_the_statistics_are_those_of_the_real_steps() -> None:
    generator = torch.Generator().manual_seed(0)
    stream_BTD = torch.randn(4, 9, 3, generator=generator)
    mask_BT = torch.rand(4, 9, generator=generator) > 0.3
    found = channel_statistics(stream_BTD, mask_BT).view(4, 5, 3).numpy()
    time = np.linspace(0, 1, 9)
    for clip in range(4):
        mask = mask_BT[clip].numpy()
        values = stream_BTD[clip].numpy()[mask]
        slope = np.polyfit(time[mask], values, 1)[0]
        expected = np.stack([values.mean(0), values.std(0), slope, values.min(0), values.max(0)])
        np.testing.assert_allclose(found[clip], expected, rtol=1e-4, atol=1e-5)


def test_a_single_step_has_neither_spread_nor_slope() -> None:
    mask_BT = torch.tensor([[False, True, False]])
    found = channel_statistics(torch.tensor([[[5.0], [2.0], [7.0]]]), mask_BT)
    assert found.tolist() == [[2, 0, 0, 2, 2]]


def test_a_clip_without_a_step_is_unknown() -> None:
    assert channel_statistics(torch.zeros(2, 3, 4), torch.zeros(2, 3, dtype=torch.bool)).isnan().all()
