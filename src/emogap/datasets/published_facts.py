"""What the authors of published data sets state of the recording, as ``published_facts.toml`` quotes them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["PublishedFact", "PublishedFacts", "published_facts"]


class PublishedFact(BaseModel):
    """One fact, and what of it is not stated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, description="What is stated.")
    missing: str = Field(default="", description="What is not; empty if nothing.")


class PublishedFacts(BaseModel):
    """What is stated of one data set; None = nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1, description="Where it is stated.")
    tracker: PublishedFact | None = Field(default=None, description="Maker and model of the eye tracker.")
    rate: PublishedFact | None = Field(default=None, description="Nominal sampling rate.")
    screen: PublishedFact | None = Field(default=None, description="Screen, and how far it was from the eyes.")
    stimuli: PublishedFact | None = Field(default=None, description="What was shown, and how it was chosen.")
    order: PublishedFact | None = Field(default=None, description="In which order it was shown.")


@cache
def published_facts() -> Mapping[str, PublishedFacts]:
    """Facts by the name of the catalogue entry; entries of which nothing is published are absent.

    Examples
    --------
    >>> published_facts()["emer"].tracker.text
    'Tobii Pro Fusion'
    """
    content = tomllib.loads(files("emogap.datasets").joinpath("published_facts.toml").read_text(encoding="utf-8"))
    return {name: PublishedFacts.model_validate(entry) for name, entry in content.items()}
