"""A copy of the miniature of EMER's release that a test may damage."""

import shutil
from pathlib import Path

import polars as pl

from emogap.datasets import BuildConfig
from emogap.datasets.emer_facts import read_facts
from emogap.recording.spreadsheet import read_sheet, write_sheet

__all__ = ["config_of", "rewritten", "writable_copy"]


def writable_copy(release: Path, folder: Path) -> Path:
    """The release, copied to `folder`."""
    shutil.copytree(release, folder / "release")
    return folder / "release"


def config_of(facts: Path) -> BuildConfig:
    """The options of a build with what a file states."""
    return BuildConfig(catalogue="emer", release=read_facts(facts).canonical())


def rewritten(path: Path, cells: dict[str, dict[str, object]]) -> None:
    """Replace cells of a spreadsheet: column, then ID, then the new cell."""
    table = read_sheet(path)
    for column, by_id in cells.items():
        names = table["ID"].to_list()
        new = [str(by_id.get(name, cell)) for name, cell in zip(names, table[column].to_list(), strict=True)]
        table = table.with_columns(pl.Series(column, new))
    write_sheet(path, table)
