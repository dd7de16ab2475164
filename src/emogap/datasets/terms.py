"""On which terms the data sets of the catalogue may be used and passed on, as ``terms.toml`` says."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["DataTerms", "data_terms"]


class DataTerms(BaseModel):
    """The terms of one data set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(description="Name of the data set.")
    licence: str = Field(description="Its licence, or what its authors ask for.")
    may_be_passed_on: str = Field(description="Whether whoever has the data may hand them on.")
    source: str = Field(description="Where the data and their terms are; empty for a study of one's own.")
    citation: str = Field(description="The paper to cite; empty if there is none.")


@cache
def data_terms() -> Mapping[str, DataTerms]:
    """Terms by the name of the catalogue entry.

    Examples
    --------
    >>> data_terms()["ceap360vr"].licence[:9]
    'CC BY-NC '
    """
    content = tomllib.loads(files("emogap.datasets").joinpath("terms.toml").read_text(encoding="utf-8"))
    return {name: DataTerms.model_validate(entry) for name, entry in content.items()}
