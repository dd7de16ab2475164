"""Counts the samples of a data set; leaves a mark in the shared folder of fits each time it computes."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emogap.datasets.header import read_header
from emogap.files import write_bytes
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult


class Bin(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    width: float = Field(gt=0)


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    factors: tuple[int, ...] = (1,)
    preset: Literal["quick", "evidence", "protocol"] = "evidence"
    bins: tuple[Bin, ...] = ()
    fails: bool = False
    beside: str = ""


def also_read(options: Options, data: Path) -> tuple[Path, ...]:
    return (data.parent / options.beside,) if options.beside else ()


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    times = len(list(place.fits.glob("mark-*"))) if place.fits.is_dir() else 0
    write_bytes(place.fits / f"mark-{times}", b"")
    number = read_header(place.data).num_samples
    column = {"name": "n", "title": "n", "heading": "", "unit": "", "decimals": 0, "better": ""}
    table = {
        "name": f"{place.name}_counts",
        "title": place.title,
        "caption": f"Preset {options.preset}.",
        "columns": [column],
        "rows": [
            [{"value": number * factor, "low": None, "high": None, "note": "", "is_ranked": True}]
            for factor in options.factors
        ],
        "row_groups": [""] * len(options.factors),
        "is_simulated": True,
        "notes": [],
    }
    return ExperimentResult(
        tables=(table,),
        figures={"dots": "<svg/>"},
        captions={"dots": "Nothing."},
        runs=(place.runs / "er3-0",),
        failures=("one fit",) if options.fails else (),
    )
