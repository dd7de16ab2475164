"""The data sets of a paper: those of its runs and experiments, each once, and the study that they were built from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from emogap.datasets.header import HEADER_FILE
from emogap.datasets.study_quality import StudyQuality
from emogap.errors import MismatchError
from emogap.interfaces.paper.data_facts import dataset_record, read_data_facts
from emogap.interfaces.paper.sources import PaperSources
from emogap.recording.study import open_study
from emogap.reporting.paper_facts import DataFacts
from emogap.types.run import RunDataset

__all__ = ["data_facts", "data_records", "require_source"]


def data_records(sources: PaperSources) -> list[RunDataset]:
    """Every data set that a run or an experiment was made from, once, in that order."""
    records = [results.record["dataset"] for _, results in sources.all_runs]
    for experiment in sources.experiments:
        for read in (experiment.record["data"], *experiment.record.get("also_read", ())):
            found = dataset_record(Path(read["path"]))
            if found is not None and found["fingerprint"] == read["fingerprint"]:
                records.append(found)
    first: dict[str, RunDataset] = {}
    for record in records:
        first.setdefault(record["fingerprint"], record)
    return list(first.values())


def require_source(records: Sequence[RunDataset], study: Path) -> None:
    """Ask, before a study is measured, which takes long, whether one of the data sets was built from it.

    Raises
    ------
    MismatchError
        If none was, or none is where its run says.
    """
    name = open_study(study, with_sessions=False).name
    built = [Path(record["path"]) for record in records if record["name"] == _built_name(name)]
    if built and not any((path / HEADER_FILE).is_file() for path in built):
        raise MismatchError(
            f"the data set that was built from the study {name} is no longer where its run says",
            where=str(built[0]),
            fix="put it back where it was, or leave out --study",
        )
    if not built:
        names = ", ".join(dict.fromkeys(record["name"] for record in records)) or "none"
        raise MismatchError(
            f"no result was made from the study {name}; the data sets are: {names}",
            where=str(study),
            fix="give the study that the data set was built from, or leave out --study",
        )


def _built_name(study: str) -> str:
    """What a data set is called that was built from a study."""
    return f"study-{study}"


def data_facts(records: Sequence[RunDataset], quality: StudyQuality | None) -> dict[str, DataFacts]:
    """Facts of the data sets, by fingerprint; builds of one study are told apart by theirs."""
    name = _built_name(quality.study.name) if quality is not None else None
    known = [read_data_facts(record, quality if record["name"] == name else None) for record in records]
    times = Counter(facts.name for facts in known)
    return {
        facts.fingerprint: replace(facts, name=f"{facts.name}, build {facts.fingerprint[:8]}")
        if times[facts.name] > 1
        else facts
        for facts in known
    }
