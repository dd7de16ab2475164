"""A cross encoder is its layers, one after the other, over the same answering tokens."""

import torch

from emogap.models.layers.cross_encoder import CrossEncoder


def tokens() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    mask = torch.rand(3, 7, generator=generator) > 0.4
    mask[:, 0] = True
    return torch.randn(3, 5, 6, generator=generator), torch.randn(3, 7, 6, generator=generator), mask


def encoder() -> CrossEncoder:
    torch.manual_seed(0)
    return CrossEncoder(5, 7, width=6, depth=3, num_heads=2, head_width=4).eval()


def test_every_layer_asks_the_tokens_that_were_given() -> None:
    asking, answering, mask = tokens()
    model = encoder()
    expected = asking + model.asking_position_QW
    for layer in model.layers:
        expected = layer(expected, answering + model.answering_position_SW, mask)
    assert len(model.layers) == 3
    torch.testing.assert_close(model(asking, answering, mask), expected)


def test_a_position_is_of_the_token_and_not_of_the_set() -> None:
    asking, answering, mask = tokens()
    model, order = encoder(), torch.tensor([4, 0, 6, 2, 1, 5, 3])
    before = model(asking, answering, mask)
    moved = model(asking, answering[:, order], mask[:, order])
    with torch.no_grad():
        model.answering_position_SW.copy_(model.answering_position_SW[order].clone())
    torch.testing.assert_close(model(asking, answering[:, order], mask[:, order]), before, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(moved, before, atol=1e-3)


def test_masked_tokens_answer_nothing() -> None:
    asking, answering, mask = tokens()
    model = encoder()
    dirty = torch.where(mask[..., None], answering, torch.full_like(answering, 1e3))
    torch.testing.assert_close(model(asking, dirty, mask), model(asking, answering, mask))
