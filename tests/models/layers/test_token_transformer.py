"""Tokens of all modalities reach each other, and only through the attention."""

import pytest
import torch

from emogap.models.layers.token_transformer import TokenTransformer, TransformerOptions

LENGTHS = {"face": 3, "eye": 7, "fixation": 5}
START = {"face": 0, "eye": 3, "fixation": 10}
OPTIONS = TransformerOptions(width=8, depth=2, num_heads=3, head_width=5, feedforward_width=11, dropout=0)


@pytest.fixture
def transformer() -> TokenTransformer:
    torch.manual_seed(0)
    return TokenTransformer(LENGTHS, OPTIONS)


@pytest.fixture
def tokens() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {name: torch.randn(4, length, 8, generator=generator) for name, length in LENGTHS.items()}


@pytest.fixture
def masks() -> dict[str, torch.Tensor]:
    return {name: torch.ones(4, length, dtype=torch.bool) for name, length in LENGTHS.items()}


def sensitivity(transformer: TokenTransformer, tokens: dict, masks: dict) -> torch.Tensor:
    """How much each token behind the transformer (S) depends on each token before it (S), summed over channels."""
    leaves = {name: token.clone().requires_grad_() for name, token in tokens.items()}
    after_BSW, _ = transformer(leaves, masks)
    rows = []
    for position in range(after_BSW.shape[1]):
        gradients = torch.autograd.grad(after_BSW[:, position].square().sum(), list(leaves.values()), retain_graph=True)
        rows.append(torch.cat([gradient.abs().sum(dim=(0, 2)) for gradient in gradients]))
    return torch.stack(rows)


def test_every_token_depends_on_every_token_of_every_modality(
    transformer: TokenTransformer, tokens: dict, masks: dict
) -> None:
    assert (sensitivity(transformer, tokens, masks) > 1e-6).all()


def test_without_attention_every_token_goes_its_own_way(
    transformer: TokenTransformer, tokens: dict, masks: dict
) -> None:
    for layer in transformer.layers:
        torch.nn.init.zeros_(layer.attention.output.weight)
    found = sensitivity(transformer, tokens, masks)
    assert (found.diagonal() > 1e-6).all()
    assert not (found - found.diagonal().diag()).any()


def test_nothing_depends_on_a_masked_token(transformer: TokenTransformer, tokens: dict, masks: dict) -> None:
    masks["eye"][:, 2] = False
    found = sensitivity(transformer, tokens, masks)
    found[START["eye"] + 2] = 0
    assert not found[:, START["eye"] + 2].any()
    assert found[:, START["eye"] + 1].any()


def test_the_mask_says_which_tokens_are_real_in_the_same_order(
    transformer: TokenTransformer, tokens: dict, masks: dict
) -> None:
    masks["fixation"][1, 4] = False
    _, mask_BS = transformer(tokens, masks)
    assert mask_BS.shape == (4, 15)
    assert mask_BS.logical_not().nonzero().tolist() == [[1, START["fixation"] + 4]]


@pytest.mark.parametrize("other", ["eye", "fixation"])
def test_the_same_token_means_another_thing_elsewhere(
    other: str, transformer: TokenTransformer, tokens: dict, masks: dict
) -> None:
    """A modality and a position leave their marks: equal tokens do not stay equal."""
    same = {name: torch.ones_like(token) for name, token in tokens.items()}
    after_BSW, _ = transformer(same, masks)
    face = after_BSW[:, START["face"]]
    assert not torch.allclose(face, after_BSW[:, START["face"] + 1], atol=1e-4)
    assert not torch.allclose(face, after_BSW[:, START[other]], atol=1e-4)
    with torch.no_grad():
        transformer.position_SW.zero_()
    after_BSW, _ = transformer(same, masks)
    torch.testing.assert_close(after_BSW[:, START["face"]], after_BSW[:, START["face"] + 1])
    assert not torch.allclose(after_BSW[:, START["face"]], after_BSW[:, START[other]], atol=1e-4)
