"""The maps of some clips by one fitted network and its random controls: computed, not stored.

Shapes: N networks (first the trained one, then its random controls), V views, B clips, M streams, S steps of all
streams, G places of the patch, K cells of the face.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from emogap.datasets.frame_encoding import FrameEncoding, frame_encoding, why_not_encoded
from emogap.datasets.store import Dataset
from emogap.learning.evaluation.attribution.attention import token_attention, without_attention
from emogap.learning.evaluation.attribution.control import randomised
from emogap.learning.evaluation.attribution.explained import (
    Classes,
    Network,
    class_probability,
    labelled_classes,
    predicted_classes,
)
from emogap.learning.evaluation.attribution.face import (
    FACE,
    FRAMES,
    Patch,
    encoded_gradient_times_input,
    face_variants,
    gradient_times_input,
)
from emogap.learning.evaluation.attribution.occlusion import step_importance, stream_importance, variant_importance
from emogap.learning.inputs import clips_at_once, make_batch
from emogap.learning.training.checkpoint import Trained
from emogap.models.batch import Batch, select_rows
from emogap.types import TaskSpec

__all__ = ["AttributionSettings", "maps_of_clips"]


@dataclass(frozen=True, slots=True)
class AttributionSettings:
    """What is computed.

    Attributes
    ----------
    explained : "predicted" or "labelled"
        The class whose probability is followed in each clip and view.
    clips_per_fit : int
        So many of the test clips of each fit, evenly over their order by person and stimulus.
    controls : int
        Networks with random weights.
    face : bool
        Whether the face is covered, where the data keep frames.
    patch_px, stride_px : int
        See :class:`Patch`.
    seed : int
        Of the random weights.
    """

    explained: Literal["predicted", "labelled"] = "predicted"
    clips_per_fit: int = 20
    controls: int = 3
    face: bool = True
    patch_px: int = 24
    stride_px: int = 8
    seed: int = 0


def maps_of_clips(
    dataset: Dataset, rows: Sequence[int], trained: Trained, settings: AttributionSettings
) -> tuple[dict[str, ndarray], dict[str, str]]:
    """Those of ``ARRAYS`` in ``attribution.maps`` that there are for the clips at `rows`, and why not the others."""
    controls = range(settings.controls)
    networks: list[Network] = [trained.model, *(randomised(trained, seed=settings.seed + each) for each in controls)]
    encoding = _encoding(dataset, trained, settings)
    missing = _missing(dataset, trained, settings, encoding)
    batch = make_batch(dataset, rows, trained.scaler, trained.task)
    classes = labelled_classes(batch) if settings.explained == "labelled" else _predicted(trained, batch)
    views = tuple(classes)
    parts: dict[str, list[ndarray]] = {}
    for network in networks:
        for name, map_ in _of_network(network, batch, classes, missing).items():
            parts.setdefault(name, []).append(map_)
    arrays = {name: np.stack(maps) for name, maps in parts.items()}
    if "face" not in missing:
        arrays["face"] = _face_maps(dataset, rows, trained, networks, batch, classes, settings, encoding)
    if "gradient" not in missing:
        pieces = [_gradient_maps(dataset, rows, trained, each, batch, classes, settings, encoding) for each in networks]
        arrays["gradient"] = np.stack(pieces)
    return {"class": np.stack([classes[view].numpy() for view in views]), **arrays}, missing


def _encoding(dataset: Dataset, trained: Trained, settings: AttributionSettings) -> FrameEncoding | None:
    """The encoder that turns covered frames into what the model reads; None if it reads frames, or there is none."""
    streams = trained.task.streams
    if not settings.face or FRAMES in streams or FACE not in streams or why_not_encoded(dataset):
        return None
    return frame_encoding(dataset)


def _missing(
    dataset: Dataset, trained: Trained, settings: AttributionSettings, encoding: FrameEncoding | None
) -> dict[str, str]:
    missing: dict[str, str] = {}
    if reason := without_attention(trained.model):
        missing |= {"attention": reason, "relevance": reason}
    if not settings.face:
        return missing | {"face": "not asked for", "gradient": "not asked for"}
    if FRAMES in trained.task.streams:
        return missing
    if encoding is None:
        reason = why_not_encoded(dataset) if FACE in trained.task.streams else "it does not read the face"
        return missing | {"face": reason, "gradient": reason}
    if encoding.pull_back is None:
        missing["gradient"] = f"it reads features, and the encoder {dataset.config['face_encoder']} has no gradient"
    return missing


def _of_network(
    network: Network, batch: Batch, classes: Classes, missing: Mapping[str, str]
) -> dict[str, Float[ndarray, "..."]]:
    """Every map but those of the face, in parts that fit into memory."""
    views, pieces = tuple(classes), []
    for rows in _in_turn(batch, network.task):
        few, asked = select_rows(batch, rows), {view: of_all[rows] for view, of_all in classes.items()}
        with torch.no_grad():
            maps = {"probability": _stacked(class_probability(network, few, asked), views)}
        maps["stream"] = _stacked(stream_importance(network, few, asked), views)
        maps["step"] = _stacked(step_importance(network, few, asked), views)
        if "attention" not in missing:
            found = token_attention(network, few, asked)
            is_there = torch.cat([few.masks[name] for name in network.task.streams], dim=1)
            nothing = torch.tensor(torch.nan)
            maps["attention"] = found.weight.where(is_there, nothing).numpy()
            maps["relevance"] = _stacked(found.relevance, views)
            maps["relevance"][:, ~is_there.numpy()] = np.nan
        pieces.append(maps)
    return {
        name: np.concatenate([piece[name] for piece in pieces], axis=0 if name == "attention" else 1)
        for name in pieces[0]
    }


def _face_maps(
    dataset: Dataset,
    rows: Sequence[int],
    trained: Trained,
    networks: Sequence[Network],
    batch: Batch,
    classes: Classes,
    settings: AttributionSettings,
    encoding: FrameEncoding | None,
) -> Float[ndarray, "N V B G G"]:
    patch, views = Patch(settings.patch_px, settings.stride_px), tuple(classes)
    encode = None if encoding is None else encoding.encode
    side = patch.num_places
    maps = np.full((len(networks), len(views), len(rows), side, side), np.nan, np.float32)
    for clip, row in enumerate(rows):
        variants = face_variants(dataset, row, patch=patch, scaler=trained.scaler, encode=encode)
        if variants is None:
            continue
        one = torch.tensor([clip])
        asked = {view: of_all[one] for view, of_all in classes.items()}
        for number, network in enumerate(networks):
            falls = variant_importance(
                network,
                select_rows(batch, one),
                asked,
                name=FACE if encode is not None else FRAMES,
                variants_VTX=variants,
            )
            maps[number, :, clip] = _stacked(falls, views).reshape(len(views), side, side)
    return maps


def _gradient_maps(
    dataset: Dataset,
    rows: Sequence[int],
    trained: Trained,
    network: Network,
    batch: Batch,
    classes: Classes,
    settings: AttributionSettings,
    encoding: FrameEncoding | None,
) -> Float[ndarray, "V B K K"]:
    views, pieces = tuple(classes), []
    for part in _in_turn(batch, network.task):
        few, asked = select_rows(batch, part), {view: of_all[part] for view, of_all in classes.items()}
        if encoding is None:
            maps = gradient_times_input(network, few, asked, cell_px=settings.stride_px)
        else:
            assert encoding.pull_back is not None
            maps = encoded_gradient_times_input(
                network,
                few,
                asked,
                frames=np.asarray(dataset.streams[FRAMES][[rows[clip] for clip in part.tolist()]]),
                scaler=trained.scaler,
                pull_back=encoding.pull_back,
                cell_px=settings.stride_px,
            )
        pieces.append(_stacked(maps, views))
    return np.concatenate(pieces, axis=1)


def _predicted(trained: Trained, batch: Batch) -> dict[str, Tensor]:
    pieces = [predicted_classes(trained.model, select_rows(batch, rows)) for rows in _in_turn(batch, trained.task)]
    return {view: torch.cat([piece[view] for piece in pieces]) for view in pieces[0]}


def _in_turn(batch: Batch, task: TaskSpec) -> tuple[Tensor, ...]:
    """Positions of the clips, in parts that go through a network together."""
    return torch.split(torch.arange(batch.num_clips), clips_at_once(task))


def _stacked(by_view: Mapping[str, Tensor], views: Sequence[str]) -> Float[ndarray, "V ..."]:
    return torch.stack([by_view[view].detach() for view in views]).numpy()
