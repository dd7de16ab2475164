"""Tables and figures of what answers rest on: streams, parts of the face, steps, and the control of each map.

Shapes: N networks (first the trained one, then random controls), V views, B clips, M streams, S steps, K cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.analysis.attention import (
    FACE_BANDS,
    ControlCheck,
    band_means,
    cell_map,
    check_control,
    mean_importance,
    mean_map,
)
from emogap.interfaces.experiments.table_cells import OVER_PEOPLE, interval_cell, plain_cell, plain_column
from emogap.learning.evaluation.attribution.clip_maps import AttributionSettings
from emogap.learning.evaluation.attribution.pooled import PooledMaps
from emogap.reporting.figures.face_maps import FacePanel, face_maps
from emogap.reporting.figures.step_bars import StepRow, step_bars
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = ["Explained", "control_checks", "control_table", "face_figure", "face_table", "step_figure", "stream_table"]

VIEW_TITLES = {"felt": "felt (ER)", "shown": "shown (FER)", "target": "target"}

MAP_TITLES = {
    "step": "fall without a step",
    "attention": "attention",
    "relevance": "attention that speaks for the answer",
    "face": "fall with a patch on the face",
    "gradient": "gradient times pixels",
}
"""Maps with enough places to be compared with their controls."""

FALL = "Fall = how far the probability of that class falls without it; positive = it spoke for the answer"


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """The maps of one model under one split, and how tables of them are named.

    Attributes
    ----------
    maps : PooledMaps
    settings : AttributionSettings
    name, title, about : str
        Beginnings of the names and titles, and a paragraph on data and clips.
    is_simulated : bool
    draws : int
        Of people, for intervals.
    """

    maps: PooledMaps
    settings: AttributionSettings
    name: str
    title: str
    about: str
    is_simulated: bool
    draws: int

    def trained(self, array: str) -> ndarray:
        """An array of the trained network alone."""
        stored: ndarray = self.maps.arrays[array][0]
        return stored


def stream_table(shown: Explained) -> ResultTable:
    """A row for each stream: the fall without it in both views, and its share of attention."""
    maps = shown.maps
    columns = [plain_column("stream", "stream"), *_view_columns(maps.views, "fall without it")]
    cells, attention = _by_view(shown, shown.trained("stream")), ""
    if "attention" in maps.arrays:
        attention = (
            "Share of attention: mean over layers, heads and asking tokens; the same for all views, whose heads read"
            " the same tokens. For a view: share of attention times its gradient that speaks for the answer. "
        )
        columns.append(plain_column("attention", "attention", heading="share", decimals=3))
        columns += [
            plain_column(f"relevance_{view}", f"for {view}", heading="share", decimals=3) for view in maps.views
        ]
        shares = [_of_streams(shown.trained("attention"), maps.streams)]
        shares += [_of_streams(one, maps.streams) for one in shown.trained("relevance")]
        for share in shares:
            cells.append(_cells_of(shown, share))
    rows = [[plain_cell(stream), *(column[row] for column in cells)] for row, stream in enumerate(maps.streams)]
    return _table(
        shown,
        "streams",
        "streams",
        f"{FALL}. {attention}{OVER_PEOPLE}",
        columns,
        rows,
        notes=["A step that gets no attention still reaches the heads by its own token, which is in their mean."]
        if "attention" in maps.arrays
        else [f"No attention: {maps.missing['attention']}."],
    )


def face_table(shown: Explained, array: str) -> ResultTable:
    """A row for each part of the aligned face; `array` is ``face`` or ``gradient``."""
    cells = _cells(shown, array)[0]
    bands = np.stack([band_means(of_view, cell_px=shown.settings.stride_px) for of_view in cells])
    columns = [plain_column("part", "part of the face"), *_view_columns(shown.maps.views, MAP_TITLES[array])]
    values = _by_view(shown, bands)
    rows = [[plain_cell(band), *(column[row] for column in values)] for row, band in enumerate(FACE_BANDS)]
    said = (
        f"{FALL}; grey patch of {shown.settings.patch_px} px moved by {shown.settings.stride_px} px over the aligned"
        " face of 112 px, in all frames of a clip at once; mean over the places of each part."
        if array == "face"
        else "Gradient of the logit times the pixels from grey, summed over a cell, mean over the cells of each part."
    )
    return _table(shown, array, "parts of the face", f"{said} {OVER_PEOPLE}", columns, rows, notes=[])


def control_checks(shown: Explained) -> dict[tuple[str, str], ControlCheck]:
    """By map and view, how like the maps of random networks it is; the view of attention is empty."""
    checks = {}
    for array in MAP_TITLES:
        if array not in shown.maps.arrays:
            continue
        if array == "attention":
            checks[array, ""] = check_control(_averages(shown.maps.arrays[array]))
            continue
        stored = shown.maps.arrays[array]
        for view, name in enumerate(shown.maps.views):
            checks[array, name] = check_control(_averages(stored[:, view]))
    return checks


def control_table(shown: Explained, checks: Mapping[tuple[str, str], ControlCheck]) -> ResultTable:
    """A row for each map and view: rank correlation with the maps of random networks, and what that says."""
    columns = [
        plain_column("map", "map"),
        plain_column("view", "view"),
        plain_column("correlation", "Spearman", decimals=2),
        plain_column("verdict", "verdict"),
    ]
    rows = []
    for (array, view), check in checks.items():
        is_known = bool(np.isfinite(check.correlation))
        cell = ResultCell(
            value=check.correlation if is_known else None,
            low=check.least if is_known else None,
            high=check.most if is_known else None,
            note="" if is_known else "constant",
            is_ranked=False,
        )
        said = check.verdict or ("differs from random networks" if is_known else "nothing to compare")
        rows.append([plain_cell(MAP_TITLES[array]), plain_cell(view or "all"), cell, plain_cell(said)])
    return _table(
        shown,
        "control",
        "randomised weights",
        f"Rank correlation over places of the average map with that of each of {shown.settings.controls} networks with"
        " random weights (Adebayo et al. 2018): mean, in brackets least and most.",
        columns,
        rows,
        notes=[],
    )


def face_figure(shown: Explained, array: str) -> tuple[str, str]:
    """Maps of each view above, those of random networks below; the figure and its caption."""
    cells = _cells(shown, array)
    rows = []
    for titled, networks in (("", cells[:1]), (", random weights", cells[1:])):
        if len(networks):
            rows.append(
                [
                    FacePanel(f"{VIEW_TITLES[view]}{titled}", np.mean([mean_map(one[at]) for one in networks], axis=0))
                    for at, view in enumerate(shown.maps.views)
                ]
            )
    people = "SIMULATED faces; " if shown.is_simulated else ""
    explanation = f"{people}orange speaks for the answer, blue against it; below: random weights"
    title = f"{MAP_TITLES[array].capitalize()}: {shown.maps.model}, {shown.maps.split}"
    svg = face_maps(rows, title=title, explanation=explanation)
    return svg, (
        f"{shown.about} {MAP_TITLES[array].capitalize()}, averaged on the aligned face, which is drawn: orange speaks"
        " for the answer, blue against it, each panel on a scale of its own. Below: networks with random weights."
    )


def step_figure(shown: Explained) -> tuple[str, str]:
    """A row of bars for each view and question over the steps of all streams; the figure and its caption."""
    maps, rows = shown.maps, []
    for array in ("step", "attention", "relevance"):
        if array == "attention" and array in maps.arrays:
            averages = _averages(maps.arrays[array])
            rows.append(StepRow("share of attention, all views", averages[0], _control(averages)))
        elif array in maps.arrays:
            for at, view in enumerate(maps.views):
                averages = _averages(maps.arrays[array][:, at])
                rows.append(StepRow(f"{MAP_TITLES[array]}: {VIEW_TITLES[view]}", averages[0], _control(averages)))
    people = "SIMULATED people; " if shown.is_simulated else ""
    svg = step_bars(
        rows,
        streams=maps.streams,
        title=f"Steps in time: {shown.maps.model}, {shown.maps.split}",
        explanation=f"{people}means over clips; dark ticks: the same networks with random weights",
    )
    below = "; below, attention" if "attention" in maps.arrays else ""
    return svg, (
        f"{shown.about} {FALL}{below}. Bars: means over clips, each row on a scale of its own. Dark ticks: networks"
        " with random weights."
    )


def _cells(shown: Explained, array: str) -> Float[ndarray, "N V B K K"]:
    stored = np.asarray(shown.maps.arrays[array], np.float64)
    if array == "gradient":
        return stored
    return cell_map(stored, patch_px=shown.settings.patch_px, stride_px=shown.settings.stride_px)


def _averages(stored: Float[ndarray, "N B ..."]) -> Float[ndarray, "N ..."]:
    return np.stack([mean_map(of_network) for of_network in stored])


def _control(averages: Float[ndarray, "N S"]) -> Float[ndarray, " S"]:
    if len(averages) < 2:
        return np.full(averages.shape[1], np.nan)
    return np.asarray(averages[1:].mean(axis=0))


def _of_streams(share_BS: Float[ndarray, "B S"], streams: Mapping[str, int]) -> Float[ndarray, "B M"]:
    ends = np.cumsum([0, *streams.values()])
    is_told = np.isfinite(share_BS).any(axis=1, keepdims=True)
    filled = np.where(is_told, np.nan_to_num(share_BS), np.nan)
    return np.stack([filled[:, a:b].sum(axis=1) for a, b in pairwise(ends.tolist())], axis=1)


def _view_columns(views: Sequence[str], heading: str) -> Iterator[ResultColumn]:
    for view in views:
        yield plain_column(view, VIEW_TITLES[view], heading=heading, decimals=3)
    if len(views) == 2:
        yield plain_column("difference", f"{views[0]} minus {views[1]}", heading=heading, decimals=3)


def _by_view(shown: Explained, values_VBX: Float[ndarray, "V B X"]) -> list[list[ResultCell]]:
    """A list of cells per view, then that of their difference where there are two."""
    columns = [*values_VBX, *([values_VBX[0] - values_VBX[1]] if len(values_VBX) == 2 else [])]
    return [_cells_of(shown, column) for column in columns]


def _cells_of(shown: Explained, values_BX: Float[ndarray, "B X"]) -> list[ResultCell]:
    """Mean over clips of each column with its interval; where no clip has a value, why."""
    means = mean_importance(values_BX, shown.maps.people, draws=shown.draws)
    nothing = "the only stream" if len(shown.maps.streams) == 1 else "in no clip"
    return [interval_cell(mean) if np.isfinite(mean.estimate) else interval_cell(None, note=nothing) for mean in means]


def _table(
    shown: Explained,
    name: str,
    title: str,
    said: str,
    columns: Sequence[ResultColumn],
    rows: list[list[ResultCell]],
    *,
    notes: list[str],
) -> ResultTable:
    return ResultTable(
        name=f"{shown.name}_{name}",
        title=f"{shown.title}: {title}",
        caption=f"{shown.about} {said}",
        columns=list(columns),
        rows=rows,
        row_groups=["" for _ in rows],
        is_simulated=shown.is_simulated,
        notes=notes,
    )
