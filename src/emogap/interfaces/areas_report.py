"""The folder that ``emogap aoi`` writes: measures, transitions, and a figure of the areas of each stimulus."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from emogap.datasets.study_areas import StudyAreas, measure_study_areas
from emogap.files import write_bytes
from emogap.interfaces.derived_folder import derived_folder, write_table
from emogap.reporting.figures.areas_of_interest import areas_figure

__all__ = ["AreasReport", "report_areas"]

MARKER = "aoi.tsv"

MEASURES = (
    "area", "present_s", "valid_s", "dwell_s", "dwell_share", "fixation_dwell_s", "num_fixations", "first_fixation_s",
    "first_fixation_duration_s", "num_visits",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AreasReport:
    """What was measured and where it stands."""

    path: Path
    measured: StudyAreas


def report_areas(study: Path, area_path: Path, *, out: Path | None = None) -> AreasReport:
    """Measure the areas of interest of a study and write what was found.

    Parameters
    ----------
    study : Path
        Folder of the study.
    area_path : Path
        An ``AOI.toml``.
    out : Path, optional
        ``STUDY/derived/aoi`` if not given.

    Raises
    ------
    UsageError
        If the folder is no study, there is no such file of areas, or `out` holds something else.
    DataError
        If the file of areas, a table of landmarks or a table of the study is at fault.
    OutputError
        If the result cannot be written.
    """
    measured = measure_study_areas(study, area_path)
    with derived_folder(study, out, by="aoi", marker=MARKER) as folder:
        key = ("participant_id", "stimulus_id")
        rows = [
            {"participant_id": clip.participant_id, "stimulus_id": clip.stimulus_id, **asdict(measures)}
            for clip in measured.clips
            for measures in clip.result.measures
        ]
        write_table(folder / MARKER, (*key, *MEASURES), rows)
        write_table(folder / "transitions.tsv", (*key, "from", "to", "count"), _steps(measured))
        for stimulus_id in measured.areas:
            write_bytes(folder / "areas" / f"{stimulus_id}.svg", _figure(measured, stimulus_id).encode())
    return AreasReport(out if out is not None else study / "derived" / "aoi", measured)


def _steps(measured: StudyAreas) -> list[dict[str, object]]:
    return [
        {
            "participant_id": clip.participant_id,
            "stimulus_id": clip.stimulus_id,
            "from": source,
            "to": target,
            "count": int(clip.result.transitions.counts[row, column]),
        }
        for clip in measured.clips
        for row, source in enumerate(clip.result.transitions.names)
        for column, target in enumerate(clip.result.transitions.names)
    ]


def _figure(measured: StudyAreas, stimulus_id: str) -> str:
    own = [clip for clip in measured.clips if clip.stimulus_id == stimulus_id]
    return areas_figure(
        measured.areas[stimulus_id],
        size_px=measured.study.screen.size_px,
        fixation_share=np.concatenate([np.empty((0, 2)), *(clip.fixation_share for clip in own)]),
        fixation_s=np.concatenate([np.empty(0), *(clip.fixation_s for clip in own)]),
        title=f"{measured.study.name}, {stimulus_id}",
    )
