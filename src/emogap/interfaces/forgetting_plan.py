"""What there is of a participant in a study, and in everything that was made from it; nothing is touched here."""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from emogap.annotation.store import backups_of
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.annotating_book import AGREED
from emogap.recording.derived import DERIVED_LIST, derived_notes
from emogap.recording.study import open_study
from emogap.rows import ID_PATTERN

__all__ = ["AGAIN", "PEOPLE", "TRUTH", "DerivedPlace", "Erasure", "RowsIn", "plan_erasure"]

PEOPLE = "participants.tsv"
TRUTH = "truth.parquet"
SQLITE = b"SQLite format 3\0"
"""With this every SQLite file begins, whatever it is called."""

PARTIAL = ".partial"
"""Ending of what was being written when a command was killed."""

AGAIN = {
    "agreement": "emogap agreement STUDY --figure OUT",
    "align": "emogap align STUDY",
    "annotate": "emogap annotate auto STUDY (what people answered is not made again)",
    "annotate export": "emogap annotate export STUDY OUT",
    "aoi": "emogap aoi STUDY AOI",
    "bench": "emogap bench DATASET ... --out RUN (retrain: its models saw the participant)",
    "build": "emogap build STUDY OUT",
    "consensus": "emogap consensus STUDY --out OUT",
    "export": "emogap export LAYOUT STUDY OUT (ask who has a copy to delete it)",
    "faces": "emogap faces VIDEO OUT",
    "finetune": "emogap finetune CKPT DATA (retrain: the model saw the participant)",
    "gap": "emogap gap DATASET --ratings STUDY",
    "gaze-index": "emogap gaze-index STUDY OUT",
    "open": "emogap open STUDY (of itself, when a recording is opened)",
    "paper build": "emogap paper build RUN OUT --study STUDY",
    "plot": "emogap plot FIGURE STUDY OUT",
    "predict": "emogap predict CKPT SESSION",
    "pretrain": "emogap pretrain INDEX --out CKPT (retrain: the encoder saw the participant)",
    "quality": "emogap quality STUDY",
    "release": "emogap release STUDY OUT --consent LEVEL (ask who has a copy to delete it)",
    "report": "emogap report RUN",
    "run": "emogap run TOML --data DATASET --out OUT (retrain: its models saw the participant)",
    "simulate": "emogap simulate OUT (the whole study)",
    "train": "emogap train DATASET ... --out CKPT (retrain: the model saw the participant)",
    "vad": "emogap vad CKPT FILE",
}
"""How what a command made is made again: every command that notes something. Lists may name commands of others too."""


@dataclass(frozen=True, slots=True)
class RowsIn:
    """A table of which rows are about the participant."""

    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class DerivedPlace:
    """Something that was made from the study and goes as a whole."""

    path: Path
    by: str

    @property
    def again(self) -> str:
        """How it is made again without the participant."""
        return AGAIN.get(self.by, f"emogap {self.by} ...")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What there is of a participant.

    Attributes
    ----------
    study : Path
    participant_id : str
    files : tuple of Path
        Theirs alone: their session, what raters wrote beside its clips.
    tables : tuple of RowsIn
        Tables that lose rows and keep the others'.
    derived : tuple of DerivedPlace
        Made from the study; innermost last.
    stores : tuple of str
        Databases with answers about their clips; their copies from migrations are among `files`.
    missing : tuple of DerivedPlace
        Made from the study, and no longer where it was noted: removed by hand, or moved with the person in it.
    """

    study: Path
    participant_id: str
    files: tuple[Path, ...]
    tables: tuple[RowsIn, ...]
    derived: tuple[DerivedPlace, ...]
    stores: tuple[str, ...]
    missing: tuple[DerivedPlace, ...] = ()


def plan_erasure(study: Path, participant_id: str, *, stores: Sequence[str] = ()) -> Erasure:
    """Everything of a participant in a study and in what was made from it; nothing is touched.

    Parameters
    ----------
    study : Path
    participant_id : str
    stores : sequence of str
        Addresses of databases with answers that the study's list does not name: those on a server.

    Raises
    ------
    UsageError
        If the folder is no study, or `participant_id` is no id.
    UnknownNameError
        If nothing in the study is about such a participant.
    DataError
        If the list of what was made from the study cannot be read, or names a folder that holds the study itself.
    """
    if not ID_PATTERN.fullmatch(participant_id):
        # Such a name would be a path: '..' is the whole study.
        raise UsageError(
            f"'{participant_id}' is no id of a participant", fix="ids are made of letters, digits and hyphens"
        )
    opened = open_study(study, with_sessions=False)
    start = f"{participant_id}/"
    session = study / "sessions" / participant_id
    stimuli = frozenset(stimulus.stimulus_id for stimulus in opened.stimuli)
    others = {each.participant_id for each in opened.participants} - {participant_id}
    beside = sorted((study / "ratings" / "beside").glob(f"*/{participant_id}-*"))
    files = [session] if session.is_dir() else []
    files += [path for path in beside if _is_of(path, stimuli, participant_id, others)]
    tables = [
        RowsIn(path, count)
        for path in sorted((study / "ratings").glob("*.csv"))
        if (count := sum(item.startswith(start) for item in _column(path, "item", ",")))
    ]
    partial = [path for place in (study, study / "ratings") for path in sorted(place.glob(f"*{PARTIAL}"))]
    # A session is begun under this name beside the others.
    partial += sorted(study.glob(f".session-{participant_id}"))
    people = study / PEOPLE
    own = sum(name == participant_id for name in _column(people, "participant_id", "\t"))
    tables += [RowsIn(people, own)] if own else []
    if (study / TRUTH).is_file():
        truth = pl.read_parquet(study / TRUTH)
        count = truth.filter(pl.col("participant_id") == participant_id).height
        tables += [RowsIn(study / TRUTH, count)] if count else []
    noted = list(_derived(study))
    found = [place for place in noted if place.path.exists()]
    _require_outside(study, found)
    kept = [place for place in found if _is_store(place.path)]
    addresses = [*(f"sqlite:///{place.path}" for place in kept), *stores]
    copies = [copy for address in addresses for copy in backups_of(address)]
    machine = [path for place in found if place.by == "annotate" for path in place.path.glob(f"{participant_id}.*")]
    if not (files or tables or machine):
        raise UnknownNameError("participant", participant_id, [each.participant_id for each in opened.participants])
    whole = [place for place in found if place not in kept and place.by != "annotate"]
    return Erasure(
        study,
        participant_id,
        (*files, *machine, *copies, *partial),
        tuple(tables),
        tuple(whole),
        tuple(dict.fromkeys(addresses)),
        tuple(place for place in noted if place not in found and place.path.suffix != PARTIAL),
    )


def _require_outside(study: Path, found: Sequence[DerivedPlace]) -> None:
    """Raise where what was made, and would go as a whole, holds the study itself."""
    for place in found:
        if study.resolve().is_relative_to(place.path):
            raise DataError(
                f"the list of what was made from the study names {place.path}, which holds the study itself",
                where=str(study / DERIVED_LIST),
                fix="name there what 'emogap " + place.by + "' wrote",
            )


def _is_store(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def _is_of(path: Path, stimuli: frozenset[str], participant_id: str, others: Collection[str]) -> bool:
    """Whether ``PARTICIPANT-STIMULUS-ROUND`` is about this participant: ids may hold hyphens themselves.

    A stimulus that the study no longer has is taken for theirs, unless the name begins like somebody else's.
    """
    rest = path.stem.removeprefix(f"{participant_id}-").rpartition("-")[0]
    return rest in stimuli or not any(path.name.startswith(f"{other}-") for other in others)


def _derived(folder: Path) -> Iterator[DerivedPlace]:
    """What was made from a folder, and from that, whether it is still there or not; the innermost last."""
    ratings = folder.resolve() / "ratings"
    seen: set[Path] = set()
    waiting = [folder]
    while waiting:
        for by, path in derived_notes(waiting.pop(0)):
            is_own_table = path.parent == ratings and (path.suffix == ".csv" or path.name == AGREED)
            if path in seen or is_own_table:
                continue
            seen.add(path)
            yield DerivedPlace(path, by)
            unfinished = path.with_name(path.name + PARTIAL)
            if unfinished.exists():
                yield DerivedPlace(unfinished, by)
            if path.is_dir():
                waiting.append(path)


def _column(path: Path, name: str, delimiter: str) -> list[str]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row.get(name) or "" for row in csv.DictReader(file, delimiter=delimiter)]
