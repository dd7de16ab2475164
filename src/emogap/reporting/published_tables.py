"""The numbers that the EMER paper prints, as checked package data; nothing here was computed by emogap.

They stand beside measured numbers only where data and protocol are the same: :func:`what_differs` says what is not.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from emogap.counted_nouns import counted
from emogap.errors import DataError, UnknownNameError
from emogap.types.run import RunRecord
from emogap.types.scores import SplitScores

__all__ = [
    "EMER_RELEASE",
    "PrintedRow",
    "PublishedNumbers",
    "open_published",
    "published_names",
    "what_differs",
]

FOLDER = "published"
BEGINNING = "emer_table_"

EMER_RELEASE: Mapping[str, int] = {
    "clips": 1303,
    "people": 121,
    "stimuli": 28,
    "frames": 390_900,
    "samples": 1_910_000,
    "epochs": 200,
}
"""Size of the release as arXiv 2512.16485 states it (abstract, sections III.E and V.A); samples are rounded there."""


class PrintedRow(BaseModel):
    """One printed row."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str = Field("", description="Name as printed; empty in a table that is not about models.")
    ours: str = Field("", description="The same model on the shelf of models; empty if there is none.")
    protocol: str = Field("", description="Our protocol.")
    target: str = Field("", description="class, valence, arousal or intensity.")
    setting: dict[str, str | float | bool] = Field(default_factory=dict, description="What the row varies.")
    printed: dict[str, float] = Field(min_length=1, description="Scores as printed, by our names of them.")


class Caveat(BaseModel):
    """What is wrong or odd in the numbers of some questions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    about: tuple[str, ...] = Field(strict=False, min_length=1, description="Protocol and target, as ``er3 class``.")
    text: str = Field(description="In words, with the numbers.")


class PublishedNumbers(BaseModel):
    """A printed table."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_number: Literal[1] = Field(alias="schema", description="Layout of the file.")
    name: str = Field(description="Name of the file.")
    title: str = Field(description="What it is about.")
    source: str = Field(description="Where it was printed.")
    unit: Literal["percent", ""] = Field(description="Of all its scores.")
    scores: tuple[str, ...] = Field(strict=False, min_length=1, description="Columns, in the order of the paper.")
    notes: tuple[str, ...] = Field(strict=False, description="What its reader must know.")
    caveats: tuple[Caveat, ...] = Field(default=(), strict=False, description="What some of its numbers are not.")
    rows: tuple[PrintedRow, ...] = Field(strict=False, min_length=1)

    @model_validator(mode="after")
    def _is_one_table(self) -> Self:
        seen = set()
        for row in self.rows:
            odd = [name for name in row.printed if name not in self.scores]
            if odd:
                raise ValueError(f"a row has the score {odd[0]}, the table has {', '.join(self.scores)}")
            limit = 100.0 if self.unit == "percent" else float("inf")
            if not all(0 <= value <= limit for value in row.printed.values()):
                raise ValueError(f"a score of {row.model or row.setting} lies outside 0 to {limit:g}")
            key = (row.model, row.protocol, row.target, tuple(sorted(row.setting.items())))
            if key in seen:
                raise ValueError(f"a row stands twice: {key}")
            seen.add(key)
        return self

    def rows_about(self, protocol: str, target: str) -> tuple[PrintedRow, ...]:
        """The rows of one question, in the order of the paper."""
        return tuple(row for row in self.rows if (row.protocol, row.target) == (protocol, target))

    def notes_about(self, protocol: str, target: str) -> tuple[str, ...]:
        """What a reader of one question must know: the caveats about it, and the notes of the table."""
        asked = f"{protocol} {target}"
        return (*(each.text for each in self.caveats if asked in each.about), *self.notes)

    def share(self, value: float) -> float:
        """A printed number as our scores are: percent become shares."""
        return value / 100 if self.unit == "percent" else value


def published_names() -> tuple[str, ...]:
    """Names of all tables, in the order of the paper."""
    found = files("emogap.reporting").joinpath(FOLDER).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in found if file.name.startswith(BEGINNING)))


@lru_cache(maxsize=16)
def open_published(name: str) -> PublishedNumbers:
    """The printed table `name`, such as ``emer_table_02``.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    DataError
        If the file was damaged.
    """
    names = published_names()
    if name not in names:
        raise UnknownNameError("published table", name, names)
    file = files("emogap.reporting").joinpath(FOLDER, f"{name}.toml")
    try:
        return PublishedNumbers.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"the printed numbers are damaged: {error}", where=str(file), fix="install again") from error


def what_differs(record: RunRecord, split: SplitScores) -> tuple[str, ...]:
    """Why printed numbers of EMER may not stand beside those of `split`, in words; empty if they may.

    Parameters
    ----------
    record : RunRecord
        Of the run that was scored.
    split : SplitScores

    Notes
    -----
    Asked for are the release itself (real people, 1,303 clips), its own five sets as folds, gaze as recorded, the
    paper's cleaning, and training as the paper states it: the preset and the recipe ``protocol``. The order of the
    authors' batches and their seeds are not known and cannot be asked for.
    """
    dataset, config = record["dataset"], record["config"]
    clips = EMER_RELEASE["clips"]
    asked = (
        (dataset["catalogue"] == "emer", f"the data are {dataset['name']}, not the release of EMER"),
        (not dataset["simulated"], "the people are simulated"),
        (split["num_clips"] == clips, f"{counted(split['num_clips'], 'clip', 'was')} tested, not {clips}"),
        (split["split"] == "official", f"the split is {split['split']}, not the five sets of the release"),
        (split["cells"] == 5, f"there are {counted(split['cells'], 'fold')}, not 5"),
        (dataset["cleaning"] == "emer", f"the cleaning is {dataset['cleaning']}, not emer"),
        ("as_rate" not in dataset, f"gaze was thinned to {dataset.get('as_rate', 0):g} Hz"),
        (
            record["epochs"] == EMER_RELEASE["epochs"],
            f"networks were trained for {counted(record['epochs'], 'epoch')}, not {EMER_RELEASE['epochs']}",
        ),
        (config.get("recipe") == "protocol", f"the recipe is {config.get('recipe')}, not protocol"),
    )
    return tuple(said for holds, said in asked if not holds)
