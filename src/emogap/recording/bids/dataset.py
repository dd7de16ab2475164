"""What stands around the recordings of a BIDS data set: description, participants, README."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emogap import __version__
from emogap.recording.bids.tables import write_sidecar, write_tsv

__all__ = [
    "BIDS_VERSION",
    "NOTICE",
    "DatasetDescription",
    "write_dataset_files",
    "write_derivative_description",
    "write_participants",
]

BIDS_VERSION = "1.11.1"

NOTICE = """\
Research software. It estimates *self-reported emotion* and *observed expression* from eye and face signals; it does
not read feelings, and its errors differ between people. Do not use it to assess, select, monitor or discipline
people. In the EU, inferring emotions from biometric data at work or in education has been prohibited since
2 February 2025, except for medical or safety reasons (Regulation (EU) 2024/1689, Art. 5(1)(f)); elsewhere people must
be told (Art. 50(3)) and further duties may apply. Not a medical device. Get consent, keep data local, and report
uncertainty.

Gaze can reveal identity, health and more (Kroeger, Lutz & Mueller 2020, doi:10.1007/978-3-030-42504-3_15): a data set
of gaze is not anonymous because it holds no names."""
"""What every export states of its use, as Markdown."""

LAYOUT = """\
- `sub-*/beh/*_recording-eye1_physio.tsv.gz`, `eye2`: samples of one eye each; which eye, the unit and origin of the
  coordinates, and what each column means stands in the JSON file beside it.
- `*_recording-eye1_physioevents.tsv.gz`: fixations, saccades and blinks (of both eyes together, with the method that
  found them) and messages of the device.
- `*_events.tsv`: what was shown when. Columns `felt_*` are the participant's own answers, `shown_*` the expression as
  annotators judged it, `target_*` what the stimulus was meant to elicit: three different things.
- A lost sample is `n/a` and has `valid` 0. An interpolated one has `altered` 1.
- `sourcedata/`: files as they were before, where they were asked for. `code/`: the options of this export."""


@dataclass(frozen=True, slots=True)
class DatasetDescription:
    """What a data set says of itself.

    Attributes
    ----------
    name : str
    about : str
        A paragraph for the README.
    authors : tuple of str
        One name each; empty if not stated.
    license : str or None
    references : tuple of str
        Papers to cite.
    source_urls : tuple of str
        Where the data came from; empty if they were recorded for this data set.
    """

    name: str
    about: str
    authors: tuple[str, ...] = ()
    license: str | None = None
    references: tuple[str, ...] = ()
    source_urls: tuple[str, ...] = ()


def write_dataset_files(root: Path, description: DatasetDescription, *, doubts: Sequence[str] = ()) -> None:
    """Write ``dataset_description.json``, ``README.md`` (with the legal notice) and ``.bidsignore``."""
    stated = {
        "Authors": list(description.authors),
        "License": description.license,
        "ReferencesAndLinks": list(description.references),
        "SourceDatasets": [{"URL": url} for url in description.source_urls],
    }
    content = {
        "Name": description.name,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        **{key: value for key, value in stated.items() if value},
        "GeneratedBy": [{"Name": "emogap", "Version": __version__, "Description": "emogap export bids"}],
    }
    write_sidecar(root / "dataset_description.json", content)
    questions = "".join(f"- {doubt}\n" for doubt in doubts)
    parts = [
        f"# {description.name}",
        description.about,
        f"## What is where\n\n{LAYOUT}",
        *([f"## Doubts\n\n{questions.rstrip()}"] if questions else []),
        f"## Notice\n\n{NOTICE}",
    ]
    (root / "README.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8", newline="\n")
    (root / ".bidsignore").write_text("code/\nsourcedata/\n", encoding="utf-8", newline="\n")


def write_derivative_description(root: Path, *, name: str, by: str) -> None:
    """Write ``dataset_description.json`` of a folder below ``derivatives``: what it holds, and what made it."""
    content = {
        "Name": name,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": by, "Version": __version__}],
    }
    write_sidecar(root / "dataset_description.json", content)


def write_participants(
    root: Path, rows: Mapping[str, Mapping[str, object]], descriptions: Mapping[str, Mapping[str, object]]
) -> None:
    """Write ``participants.tsv`` and ``participants.json``.

    Parameters
    ----------
    root : Path
    rows : mapping from subject label to mapping from column to value
    descriptions : mapping from column to its entry in the sidecar
        A column that no participant fills is left out.
    """
    columns = [name for name in descriptions if any(row.get(name) is not None for row in rows.values())]
    table = [{"participant_id": f"sub-{label}", **rows[label]} for label in sorted(rows)]
    write_tsv(root / "participants.tsv", ["participant_id", *columns], table)
    first = {"participant_id": {"Description": "Label of the participant: the id in the study, + for each hyphen."}}
    write_sidecar(root / "participants.json", first | {name: dict(descriptions[name]) for name in columns})
