"""C3D sees neighbouring frames, keeps one vector per frame, and stops at masked ones."""

import pytest
import torch

from emogap.models.layers.c3d import C3D, C3DSize


def new_network(size: C3DSize = "compact", *, height: int = 16, width: int = 12) -> C3D:
    torch.manual_seed(0)
    return C3D(3, height, width, size=size).eval()


def frames(num_clips: int, num_frames: int, height: int = 16, width: int = 12) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(256, (num_clips, num_frames, 3, height, width), generator=generator, dtype=torch.uint8)


def everywhere(stream: torch.Tensor) -> torch.Tensor:
    return torch.ones(stream.shape[:2], dtype=torch.bool)


def num_weights(network: C3D) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_eight_frames_stay_eight_vectors_and_112_pixels_become_three() -> None:
    with torch.no_grad():
        network, clip = new_network("full", height=112, width=112), frames(1, 1, 112, 112)
        assert network.maps(clip, everywhere(clip)).shape == (1, 512, 1, 3, 3)
        network, clip = new_network("compact"), frames(2, 8)
        assert network(clip, everywhere(clip)).shape == (2, 8, 256)


@pytest.mark.parametrize(("size", "expected"), [("full", 27.7e6), ("compact", 1.2e6)])
def test_the_convolutions_have_as_many_weights_as_the_specification_says(size: C3DSize, expected: float) -> None:
    assert num_weights(new_network(size)) == pytest.approx(expected, rel=0.05)


def test_swapping_two_frames_does_more_than_swap_their_vectors() -> None:
    """A network that sees each frame for itself would give the same vectors in another order."""
    network, clip = new_network(), frames(2, 6)
    order = [0, 1, 4, 3, 2, 5]
    with torch.no_grad():
        before, after = network(clip, everywhere(clip)), network(clip[:, order], everywhere(clip))
    assert not torch.allclose(after, before[:, order], atol=1e-3)
    assert not torch.allclose(after[:, 3], before[:, 3], atol=1e-3)


def test_a_vector_knows_as_many_neighbours_as_there_are_convolutions() -> None:
    """Each of four convolutions reaches one frame further."""
    network, clip = new_network(), frames(1, 13)
    changed = clip.clone()
    changed[:, 6] = 255 - changed[:, 6]
    with torch.no_grad():
        change_T = (network(changed, everywhere(clip)) - network(clip, everywhere(clip))).abs().sum(dim=(0, 2))
    assert change_T.nonzero().flatten().tolist() == list(range(2, 11))


def test_a_masked_frame_is_to_its_neighbours_the_end_of_the_clip() -> None:
    network, clip = new_network(), frames(2, 7)
    mask = everywhere(clip)
    mask[:, 3] = False
    with torch.no_grad():
        found = network(clip, mask)
        before, after = (network(part, everywhere(part)) for part in (clip[:, :3], clip[:, 4:]))
    assert not found[:, 3].any()
    # Behind the first convolution only zeros pass a masked frame, so nothing of one side reaches the other.
    torch.testing.assert_close(found[:, :3], before, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found[:, 4:], after, rtol=1e-4, atol=1e-5)


def test_pixels_become_numbers_between_minus_one_and_one() -> None:
    network, clip = new_network(), frames(2, 3)
    as_maps = (clip.double() / 127.5 - 1).float()
    assert (as_maps.min(), as_maps.max()) == (-1, 1)
    torch.testing.assert_close(network(clip, everywhere(clip)), network(as_maps, everywhere(clip)))


def test_maps_of_a_few_pixels_are_taken_as_they_are() -> None:
    torch.manual_seed(0)
    network = C3D(10, 4, 3, size="full")
    maps = torch.randn(2, 5, 10, 4, 3)
    assert network(maps, everywhere(maps)).shape == (2, 5, 512)


@pytest.mark.parametrize("size", ["full", "compact"])
def test_fresh_weights_keep_the_size_of_what_passes(size: C3DSize) -> None:
    """With torch's own start 0.004 of it is left behind the eight convolutions, 0.04 behind the four."""
    clip = frames(1, 4, 64, 64)
    with torch.no_grad():
        size_of_output = new_network(size, height=64, width=64).maps(clip, everywhere(clip)).square().mean().sqrt()
    assert 0.3 < size_of_output < 3
