"""The convolutional rival: its size, and what it must not read."""

import torch

from emogap.models.glass.temporal_cnn import TemporalCnn


def test_it_has_three_convolutions_of_64_channels_over_5_frames() -> None:
    network = TemporalCnn(6, 3)
    convolutions = 6 * 64 * 5 + 64 + 2 * (64 * 64 * 5 + 64)
    others = 3 * 2 * 64 + 64 * 64 + 64 + 64 * 3 + 3
    assert sum(parameter.numel() for parameter in network.parameters()) == convolutions + others


def test_what_stands_at_an_invalid_frame_is_not_read() -> None:
    torch.manual_seed(1)
    network = TemporalCnn(2, 3).eval()
    gaze, valid = torch.randn(4, 11, 2), torch.ones(4, 11, dtype=torch.bool)
    valid[2, 3:9] = False
    other = gaze.clone()
    other[2, 3:9] = torch.nan
    torch.testing.assert_close(network(other, valid), network(gaze, valid))
    assert network(gaze, valid).shape == (4, 3)
