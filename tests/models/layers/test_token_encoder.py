"""Tokens attend to each other, know where they stand, and of which of two sequences they are."""

import torch

from emogap.models.layers.token_encoder import PairEncoder, TokenEncoder


def encoder(num_tokens: int = 7) -> TokenEncoder:
    torch.manual_seed(0)
    return TokenEncoder(num_tokens, width=6, num_heads=3, depth=2, dropout=0.4).eval()


def test_what_leaves_is_normalised_as_in_bert() -> None:
    encoded = encoder()(torch.randn(5, 7, 6), torch.ones(5, 7, dtype=torch.bool))
    torch.testing.assert_close(encoded.mean(-1), torch.zeros(5, 7), atol=1e-5, rtol=0)
    torch.testing.assert_close(encoded.var(-1, correction=0), torch.ones(5, 7), atol=1e-3, rtol=0)


def test_tokens_are_a_set_once_they_have_their_position() -> None:
    model, token = encoder(), torch.randn(5, 7, 6)
    mask = torch.rand(5, 7) > 0.3
    mask[:, 1] = True
    order = torch.tensor([3, 0, 6, 1, 5, 2, 4])
    before = model(token, mask)[:, order]
    without_position = model(token[:, order], mask[:, order])
    with torch.no_grad():
        model.position_SW.copy_(model.position_SW[order].clone())
    torch.testing.assert_close(model(token[:, order], mask[:, order]), before, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(without_position, before, atol=1e-3)


def test_masked_tokens_reach_no_real_one() -> None:
    model, token = encoder(), torch.randn(5, 7, 6)
    mask = torch.rand(5, 7) > 0.4
    other = torch.where(mask.unsqueeze(-1), token, 9 * torch.randn(5, 7, 6))
    torch.testing.assert_close(model(other, mask)[mask], model(token, mask)[mask])


def test_the_second_sequence_follows_the_first_and_each_has_its_type() -> None:
    torch.manual_seed(0)
    model = PairEncoder(7, width=6, num_heads=3, depth=2, dropout=0.4).eval()
    first, second = torch.randn(5, 3, 6), torch.randn(5, 4, 6)
    first_mask, second_mask = torch.rand(5, 3) > 0.4, torch.rand(5, 4) > 0.4
    token, mask = model(first, first_mask, second, second_mask)
    assert torch.equal(mask, torch.cat([first_mask, second_mask], dim=1))
    typed = torch.cat([first + model.type_2W[0], second + model.type_2W[1]], dim=1)
    torch.testing.assert_close(token, model.encoder(typed, mask))
    with torch.no_grad():
        model.type_2W[1].normal_()
    assert not torch.allclose(model(first, first_mask, second, second_mask)[0], token, atol=1e-3)


def test_dropout_acts_in_training_only() -> None:
    model, token, mask = encoder(), torch.randn(5, 7, 6), torch.ones(5, 7, dtype=torch.bool)
    assert torch.equal(model(token, mask), model(token, mask))
    model.train()
    assert not torch.equal(model(token, mask), model(token, mask))
