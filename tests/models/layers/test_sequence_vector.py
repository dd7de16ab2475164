"""The vector is the state after the last real step, wherever that stands."""

import torch

from emogap.models.layers.sequence_vector import SequenceVector


def test_the_vector_is_that_of_an_lstm_over_the_real_steps_alone() -> None:
    torch.manual_seed(0)
    layer = SequenceVector(3, hidden=5, width=4, num_layers=2)
    stream_BTD = torch.randn(3, 7, 3)
    mask_BT = torch.tensor([[True] * 7, [False, True, False, True, True, False, False], [False] * 6 + [True]])
    vector_BO = layer(stream_BTD, mask_BT)
    for clip, mask in enumerate(mask_BT):
        _, (hidden, _) = layer.encoder.lstm(stream_BTD[clip, mask][None])
        expected = hidden[-1, 0] @ layer.linear.weight.T + layer.linear.bias
        torch.testing.assert_close(vector_BO[clip], expected)


def test_a_clip_that_lacks_the_stream_gives_zeros_and_no_gradient() -> None:
    torch.manual_seed(0)
    layer = SequenceVector(3, hidden=5, width=4)
    stream_BTD = torch.randn(2, 7, 3, requires_grad=True)
    mask_BT = torch.ones(2, 7, dtype=torch.bool)
    mask_BT[1] = False
    vector_BO = layer(stream_BTD, mask_BT)
    vector_BO[1].sum().backward(retain_graph=True)
    assert not vector_BO[1].any()
    assert not layer.linear.bias.grad.any()
    vector_BO[0].sum().backward()
    assert layer.linear.bias.grad.all()
    assert not stream_BTD.grad[1].any()
