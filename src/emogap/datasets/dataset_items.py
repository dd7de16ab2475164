"""The reporting guideline filled in from a data set alone: most of what it asks for is known to the study only."""

from collections.abc import Sequence

import polars as pl

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.datasets.header import Header
from emogap.datasets.published_facts import PublishedFact, PublishedFacts, published_facts
from emogap.datasets.reporting_items import (
    EFFECTIVE_RATE,
    ITEM_TITLES,
    NOT_REPORTED,
    ReportingItem,
    guideline_item,
    median_and_range,
)

__all__ = ["dataset_items"]

ASKED = {
    "A1": "maker and model of the eye tracker",
    "A3": "measuring principle and native signal",
    "A5": "free, or restrained by what",
    "A8": "dark, moderate or light",
    "A9": "method, targets, and the criterion by which a calibration was accepted",
    "B1": "latency of the eye tracker and of stimulus presentation",
    "C1": "size of the screen in px and mm, and the distance of the eyes",
}
"""What the items ask for that no data set holds; what is published of it is quoted."""

FACE_STREAMS = ("face", "frames")

EYES = {"left": "_l_", "right": "_r_"}


def dataset_items(header: Header, quality: pl.DataFrame, steps: Sequence[tuple[str, str]]) -> tuple[ReportingItem, ...]:
    """Every item of the checklist in its order, and exclusions last.

    Parameters
    ----------
    header : Header
    quality : polars.DataFrame
        ``quality.parquet``.
    steps : sequence of (name, parameters)
        Steps of cleaning.

    References
    ----------
    Dunn et al. (2023), Minimal reporting guideline for research involving eye tracking (2023 edition),
    doi:10.3758/s13428-023-02187-1, table 1.
    """
    published = None if header.simulated else published_facts().get(header.catalogue)
    after = " after thinning" if "thin" in dict(steps) else ""
    known = {
        "A2": guideline_item(
            "A2",
            f"analysis: emogap {__version__}; data built with {_versions(header)}",
            "versions of the recording software and of the firmware",
        ),
        "A4": _rate(quality, published, after),
        "A6": _eyes(header),
        "A7": _recorded(header),
        "A10": _precision(quality, after),
        "A11": guideline_item("A11", _steps(header, steps)),
        "A12": _loss(quality, after),
        "-": guideline_item(
            "-",
            f"{counted(header.num_samples, 'clip')} kept, {header.num_excluded} left out or without one of their"
            f" labels, {counted(header.num_failed, 'recording')} could not be read"
            + (f"; quality gate {header.quality_gate}" if header.quality_gate else ""),
        ),
    }
    if published is not None:
        quoted = (("A1", published.tracker), ("C1", published.screen))
        known |= {number: _quoted(number, fact, published.source) for number, fact in quoted if fact is not None}
    return tuple(
        known.get(number, guideline_item(number, NOT_REPORTED, ASKED.get(number, ""))) for number in ITEM_TITLES
    )


def _versions(header: Header) -> str:
    return ", ".join(f"{name} {version}" for name, version in header.versions.items())


def _spread(quality: pl.DataFrame, column: str, unit: str, *, factor: float = 1.0) -> str | None:
    """Median and range over the clips; None if the data set does not say."""
    if column not in quality.columns:
        return None
    return median_and_range(quality[column].cast(pl.Float64).drop_nulls().to_list(), unit, factor=factor)


def _quoted(number: str, fact: PublishedFact, source: str) -> ReportingItem:
    return guideline_item(number, f"{fact.text} ({source})", fact.missing)


def _rate(quality: pl.DataFrame, published: PublishedFacts | None, after: str) -> ReportingItem:
    reached = _spread(quality, "effective_rate_hz", " Hz")
    parts = [f"{EFFECTIVE_RATE}{after} {reached}"] if reached else []
    if published is None or published.rate is None:
        return guideline_item("A4", "; ".join(parts) or NOT_REPORTED, "the nominal rate")
    return guideline_item(
        "A4", "; ".join([f"{published.rate.text} ({published.source})", *parts]), published.rate.missing
    )


def _eyes(header: Header) -> ReportingItem:
    names = [channel.name for stream in header.streams.values() for channel in stream.channels]
    eyes = [eye for eye, mark in EYES.items() if any(mark in name for name in names)]
    return guideline_item("A6", " and ".join(eyes) or NOT_REPORTED, "" if eyes else "which eyes")


def _recorded(header: Header) -> ReportingItem:
    """The channels of what tracks the eyes; streams of the face are none of this guideline's."""
    listed = "; ".join(
        f"{name}: {', '.join(f'{channel.name} ({channel.unit})' for channel in stream.channels)}"
        for name, stream in header.streams.items()
        if stream.channels and name not in FACE_STREAMS
    )
    return guideline_item("A7", listed or NOT_REPORTED, "" if listed else "what was recorded of the eyes")


def _precision(quality: pl.DataFrame, after: str) -> ReportingItem:
    rms, sd = _spread(quality, "rms_s2s_deg", " deg"), _spread(quality, "sd_deg", " deg")
    if rms is None and sd is None:
        return guideline_item("A10", NOT_REPORTED, "accuracy and precision")
    content = (
        f"precision within fixations{after}: RMS-S2S {rms or 'unknown'}, SD {sd or 'unknown'}, over"
        f" {counted(quality.height, 'clip')}"
    )
    return guideline_item("A10", content, "accuracy: the error of a validation")


def _steps(header: Header, steps: Sequence[tuple[str, str]]) -> str:
    listed = "; ".join(f"{name} ({parameters})" if parameters else name for name, parameters in steps)
    return f"preset {header.cleaning}: {listed or 'nothing was changed'}"


def _loss(quality: pl.DataFrame, after: str) -> ReportingItem:
    lost, longest = _spread(quality, "loss_share", " %", factor=100.0), _spread(quality, "longest_gap_s", " s")
    if lost is None:
        return guideline_item("A12", NOT_REPORTED, "how much was lost, how much of it are blinks, and why the rest was")
    content = f"by clip{after} {lost}" + (f"; longest gap {longest}" if longest else "")
    return guideline_item("A12", content, "how much of it are blinks, and why the rest was lost")
