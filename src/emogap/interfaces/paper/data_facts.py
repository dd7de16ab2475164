"""The facts of a data set for a paper: from the record of a run, the folder of the data, and that of the study."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from emogap.datasets.dataset_items import dataset_items
from emogap.datasets.exclusion_flow import exclusion_flow
from emogap.datasets.header import HEADER_FILE, Header, read_header
from emogap.datasets.participants import read_participants
from emogap.datasets.published_facts import PublishedFact, PublishedFacts, published_facts
from emogap.datasets.quality_gate import gate_of
from emogap.datasets.reporting_items import ReportingItem, measured_as, reporting_items
from emogap.datasets.study_quality import StudyQuality
from emogap.datasets.terms import data_terms
from emogap.datasets.unknown_ids import UNKNOWN
from emogap.errors import MismatchError
from emogap.interfaces.paper.study_card import checked_items, people_in_words, study_facts
from emogap.preprocessing.face.weights import known_weights
from emogap.reporting.cleaning_steps import cleaning_steps
from emogap.reporting.data_quality import read_data_quality
from emogap.reporting.paper_facts import DataFacts, QuotedFact, StreamFacts
from emogap.types.run import RunDataset

__all__ = ["dataset_record", "read_data_facts"]


def dataset_record(folder: Path) -> RunDataset | None:
    """What a run would remember of the data set in `folder`; None if there is none.

    Raises
    ------
    DataError
        If it is damaged.
    """
    if not (folder / HEADER_FILE).is_file():
        return None
    header = read_header(folder)
    samples = pl.read_parquet(folder / "samples.parquet", columns=["participant_id", "stimulus_id"])
    record: RunDataset = {
        "path": str(folder),
        "name": header.name,
        "catalogue": header.catalogue,
        "cleaning": header.cleaning,
        "fingerprint": header.fingerprint,
        "simulated": header.simulated,
        "num_clips": samples.height,
        "num_people": samples["participant_id"].n_unique(),
        "num_stimuli": samples["stimulus_id"].n_unique(),
        "streams": {},
        "doubts": list(header.doubts),
        "ceiling": {},
    }
    if "as_rate" in header.config:
        record["as_rate"] = float(header.config["as_rate"])
    return record


def read_data_facts(record: RunDataset, study: StudyQuality | None) -> DataFacts:
    """Everything that is known of the data set of a run.

    Parameters
    ----------
    record : RunDataset
        What the run remembers of it.
    study : StudyQuality or None
        The study it was built from, measured; it must be that study.

    Raises
    ------
    MismatchError
        If another data set is where the run says.
    DataError
        If the data set is damaged.
    """
    terms = data_terms().get(record["catalogue"])
    published = None if record["simulated"] else published_facts().get(record["catalogue"])
    known = DataFacts(
        name=record["name"],
        catalogue=record["catalogue"],
        cleaning=record["cleaning"],
        fingerprint=record["fingerprint"],
        is_simulated=record["simulated"],
        num_people=record["num_people"],
        num_stimuli=record["num_stimuli"],
        num_clips=record["num_clips"],
        doubts=tuple(record["doubts"]),
        licence="none, for the people are simulated" if record["simulated"] else terms.licence if terms else "",
        source="" if terms is None or record["simulated"] else terms.source,
        citation="" if terms is None or record["simulated"] else terms.citation,
        quoted={} if published is None else dict(_quoted(published)),
        quoted_from="" if published is None else published.source,
    )
    folder = Path(record["path"])
    if not (folder / HEADER_FILE).is_file():
        return known
    header = read_header(folder)
    if header.fingerprint != record["fingerprint"]:
        raise MismatchError(
            f"the run was made with the data {record['fingerprint']}, and {header.fingerprint} is there now",
            where=str(folder),
            fix="put the data set back where it was, or run 'emogap bench' again",
        )
    return _with_folder(known, folder, header, study)


def _with_folder(known: DataFacts, folder: Path, header: Header, study: StudyQuality | None) -> DataFacts:
    quality = pl.read_parquet(folder / "quality.parquet")
    steps = cleaning_steps(quality)
    shown = read_data_quality(folder)
    items = dataset_items(header, quality, steps)
    return DataFacts(
        **{name: getattr(known, name) for name in _OF_RUN},
        is_there=True,
        source_fingerprint=header.source_fingerprint,
        gate=header.quality_gate,
        gate_options=str(header.config.get("gate", "")),
        labels=dict(header.label_sources),
        streams=tuple(
            StreamFacts(name, stream.num_steps, _channels(header, name), stream.absent)
            for name, stream in header.streams.items()
        ),
        measures=shown.measures if shown is not None else (),
        steps=steps,
        exclusions=shown.exclusions if shown is not None else (),
        num_failed=header.num_failed,
        versions=dict(header.versions),
        people=_people(folder),
        are_people_known=_is_known(folder, "participant_id"),
        are_stimuli_known=_is_known(folder, "stimulus_group"),
        weights=tuple(_weights(header)),
        study=None if study is None else study_facts(study, str(header.config.get("gate", ""))),
        checklist=checked_items(items if study is None else _with_study(items, study, header)),
    )


_OF_RUN = (
    "name", "catalogue", "cleaning", "fingerprint", "is_simulated", "num_people", "num_stimuli", "num_clips",
    "doubts", "licence", "source", "citation", "quoted", "quoted_from",
)  # fmt: skip
"""Facts that the record of a run has already."""


def _quoted(published: PublishedFacts) -> Iterator[tuple[str, QuotedFact]]:
    for name in ("tracker", "rate", "screen", "stimuli", "order"):
        fact: PublishedFact | None = getattr(published, name)
        if fact is not None:
            yield name, QuotedFact(fact.text, fact.missing)


def _channels(header: Header, stream: str) -> tuple[str, ...]:
    return tuple(f"{channel.name} ({channel.unit})" for channel in header.streams[stream].channels)


def _people(folder: Path) -> str:
    """Age and sex, where the data set has a table of its participants that states them."""
    table = read_participants(folder)
    if table is None:
        return ""
    sexes = table["sex"].cast(pl.String).to_list() if "sex" in table.columns else []
    ages = table["age"].cast(pl.Float64, strict=False).to_list() if "age" in table.columns else []
    return people_in_words(sexes, ages)


def _is_known(folder: Path, column: str) -> bool:
    """Whether no id of `column` stands for a clip of which nothing is known."""
    ids = pl.read_parquet(folder / "samples.parquet", columns=[column])[column]
    return not ids.cast(pl.String).str.starts_with(UNKNOWN).any()


def _weights(header: Header) -> Iterator[str]:
    """Known weights of the face detector and encoder, where the data set has a stream of faces."""
    if not {"face", "frames"} & header.streams.keys():
        return
    hashes = {str(header.config.get(name, "")) for name in ("face_detector_sha256", "face_encoder_sha256")}
    named = {str(header.config.get(name, "")) for name in ("face_detector", "face_encoder_weights")}
    for name, known in known_weights().items():
        if known.sha256 in hashes or name in named or name.split("-")[0] in named:
            yield name


def _with_study(items: tuple[ReportingItem, ...], quality: StudyQuality, header: Header) -> tuple[ReportingItem, ...]:
    """The items of the study; of processing, what was done to the data, and how the items above were measured."""
    gate = str(header.config.get("gate", ""))
    own = {item.number: item for item in items}
    return tuple(
        ReportingItem(item.number, item.title, f"{own['A11'].content}. Measured for A10: {measured_as()}", item.missing)
        if item.number == "A11"
        else item
        for item in reporting_items(quality, exclusion_flow(quality, gate_of(gate) if gate else None))
    )
