"""Fusion by products, against explicit outer products and contractions of numpy."""

import numpy as np
import pytest
import torch

from emogap.models.layers.tensor_fusion import LowRankFusion, outer_product, with_one

WIDTHS = {"face": 5, "eye": 3, "fixation": 2}


@pytest.fixture
def vectors() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {name: torch.randn(7, width, generator=generator) for name, width in WIDTHS.items()}


def fusion(rank: int = 4, num_outputs: int = 6) -> LowRankFusion:
    torch.manual_seed(1)
    module = LowRankFusion(WIDTHS, num_outputs, rank=rank)
    torch.nn.init.normal_(module.bias)
    return module


def full_weight(module: LowRankFusion) -> np.ndarray:
    """W (5 + 1, 3 + 1, 2 + 1, O), from the factors."""
    factors = [module.factors[name].detach().numpy() for name in WIDTHS]
    return np.einsum("r,iro,jro,kro->ijko", module.rank_weight.detach().numpy()[0], *factors)


def test_the_outer_product_of_three_vectors_is_that_of_numpy(vectors: dict[str, torch.Tensor]) -> None:
    face, eye, fixation = (vector.numpy() for vector in vectors.values())
    expected = np.einsum("bi,bj,bk->bijk", face, eye, fixation)
    np.testing.assert_allclose(outer_product(list(vectors.values())).numpy(), expected, rtol=1e-6)


def test_the_outer_product_of_one_vector_is_the_vector(vectors: dict[str, torch.Tensor]) -> None:
    assert torch.equal(outer_product([vectors["eye"]]), vectors["eye"])


def test_low_rank_fusion_is_its_weight_tensor_contracted_with_the_outer_product(
    vectors: dict[str, torch.Tensor],
) -> None:
    module = fusion()
    product = outer_product([with_one(vector) for vector in vectors.values()]).numpy()
    expected = np.einsum("bijk,ijko->bo", product, full_weight(module)) + module.bias.detach().numpy()
    np.testing.assert_allclose(module(vectors).detach().numpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rank", [1, 2])
def test_the_weights_of_an_output_have_the_rank_that_was_asked_for(rank: int) -> None:
    weight = full_weight(fusion(rank))
    for output in range(weight.shape[-1]):
        for axis in range(3):
            unfolded = np.moveaxis(weight[..., output], axis, 0).reshape(weight.shape[axis], -1)
            assert np.linalg.matrix_rank(unfolded, tol=1e-6) == rank


def test_size_grows_with_the_rank_and_with_the_sum_of_the_widths() -> None:
    def size(rank: int, widths: dict[str, int]) -> int:
        return sum(factor.numel() for factor in LowRankFusion(widths, 6, rank=rank).factors.values())

    assert size(1, WIDTHS) == (6 + 4 + 3) * 6
    assert size(5, WIDTHS) == 5 * size(1, WIDTHS)
    assert size(1, WIDTHS | {"eye": 13}) == size(1, WIDTHS) + 10 * 6


def test_vectors_of_zeros_give_one_and_the_same_answer(vectors: dict[str, torch.Tensor]) -> None:
    module = fusion()
    answer = module({name: torch.zeros_like(vector) for name, vector in vectors.items()})
    assert torch.equal(answer, answer[:1].expand(7, 6))
    expected = full_weight(module)[0, 0, 0] + module.bias.detach().numpy()
    np.testing.assert_allclose(answer[0].detach().numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", WIDTHS)
def test_the_answer_is_affine_in_a_vector_that_stands_alone(name: str, vectors: dict[str, torch.Tensor]) -> None:
    module = fusion()
    zeros = {other: torch.zeros_like(vector) for other, vector in vectors.items()}
    alone = {factor: module(zeros | {name: factor * vectors[name]}) for factor in (0, 1, 2, -3)}
    slope = alone[1] - alone[0]
    assert slope.abs().max() > 1e-2
    torch.testing.assert_close(alone[2], alone[0] + 2 * slope, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(alone[-3], alone[0] - 3 * slope, rtol=1e-4, atol=1e-5)


def test_the_answer_is_not_affine_in_all_vectors_together(vectors: dict[str, torch.Tensor]) -> None:
    module = fusion()
    answers = [module({name: factor * vector for name, vector in vectors.items()}) for factor in (0, 1, 2)]
    assert (answers[2] - 2 * answers[1] + answers[0]).abs().max() > 1e-2


def test_each_factor_starts_with_the_spread_of_a_matrix() -> None:
    torch.manual_seed(0)
    factor = LowRankFusion({"face": 63}, 96, rank=8).factors["face"]
    assert factor.shape == (64, 8, 96)
    assert factor.std().item() == pytest.approx((2 / (64 + 96)) ** 0.5, rel=0.02)
