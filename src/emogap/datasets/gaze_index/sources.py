"""What can be indexed: one file, a folder of recordings, a study, Uniss-FGD, CEAP-360VR. Looked over, not yet read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from emogap.counted_nouns import counted
from emogap.datasets.catalogue import CATALOGUE
from emogap.datasets.gaze_index.config import ChannelSet, IndexConfig
from emogap.datasets.plan import BuildConfig, Job, Plan
from emogap.errors import DataError, UsageError
from emogap.progress import track
from emogap.recording.opening import find_reader, is_known
from emogap.recording.study import open_study
from emogap.rows import read_rows, refuse_repeats

__all__ = ["GazeSource", "SourceKind", "look_over"]

SourceKind = Literal["study", "uniss_fgd", "ceap360vr", "files"]

TABLE_SUFFIXES = (".csv", ".tsv", ".asc", ".xlsx", ".xdf")
"""Files with these names may hold gaze: one of them that no reader knows is told."""

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class GazeSource:
    """Recordings to be indexed.

    Attributes
    ----------
    path : Path
        The folder, or the folder of the file.
    name : str
        Of the data; the first half of the name of each person.
    kind : SourceKind
    channels : ChannelSet
    jobs : tuple of Job
        One per file, or per session of a study; sorted by name.
    people : mapping from file, relative to `path`, to participant
        As a table of participants has it; empty without one.
    simulated : bool
    doubts : tuple of str
    """

    path: Path
    name: str
    kind: SourceKind
    channels: ChannelSet
    jobs: tuple[Job, ...]
    people: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False
    doubts: tuple[str, ...] = ()


def look_over(source: Path, config: IndexConfig, participants: Path | None = None) -> GazeSource:
    """What is to be indexed in `source`.

    Parameters
    ----------
    source : Path
        A recording, or a folder: a study (``study.toml``), Uniss-FGD (``StimuliMap.csv`` and ``fgd``), CEAP-360VR
        (``4_BehaviorData``), or any folder, whose files and sub-folders are searched for recordings.
    config : IndexConfig
        For `channels` and `people`.
    participants : Path, optional
        TAB-separated table with the columns ``file`` (relative to `source`) and ``participant_id``, for recordings
        that do not name their participant.

    Raises
    ------
    UsageError
        If there is no recording, or people are stated where the data themselves name them.
    DataError
        If a table is at fault.
    """
    if not source.exists():
        raise UsageError("no such file or folder", where=str(source), fix="check the path")
    kind = _kind(source)
    if kind != "files" and (participants is not None or config.people != "stated"):
        raise UsageError(
            "these data name their participants themselves",
            where=str(source),
            fix="leave out --participants and --people: they are for folders of recordings",
        )
    if kind == "files":
        return _files(source, config, participants)
    if kind == "study":
        return _study(source, config)
    plan: Plan = CATALOGUE.open(kind).plan(source, BuildConfig.model_validate({"catalogue": kind}))
    auto: ChannelSet = "head" if kind == "ceap360vr" else "angle"
    jobs = plan.jobs if kind == "uniss_fgd" else tuple(_head_job(source, job) for job in plan.jobs)
    return GazeSource(source, plan.name, kind, auto if config.channels == "auto" else config.channels, jobs)


def _kind(source: Path) -> SourceKind:
    if (source / "study.toml").is_file():
        return "study"
    if (source / "StimuliMap.csv").is_file() and (source / "fgd").is_dir():
        return "uniss_fgd"
    if (source / "4_BehaviorData").is_dir():
        return "ceap360vr"
    return "files"


def _head_job(source: Path, job: Job) -> Job:
    """The files that the reader of CEAP-360VR opens; the questionnaire is not one of them."""
    fixations = job.files[1]
    path = source / "4_BehaviorData" / "HM_ScanPath" / fixations.name.replace("FixationData", "HeadScanPathData")
    return Job(job.name, (fixations, path, source / "1_Stimuli" / "VideoInfo.json"))


def _study(source: Path, config: IndexConfig) -> GazeSource:
    """One job per session: its gaze file and its trials, not its videos or answers."""
    study = open_study(source, with_sessions=False)
    tables = tuple(source / name for name in ("study.toml", "participants.tsv", "stimuli.tsv"))
    jobs = []
    for participant_id in study.session_ids:
        folder = source / "sessions" / participant_id
        jobs.append(Job(participant_id, (*sorted(folder.glob("gaze.*")), folder / "trials.tsv", *tables)))
    return GazeSource(
        source,
        f"study-{study.name}",
        "study",
        "angle" if config.channels == "auto" else config.channels,
        tuple(jobs),
        simulated=study.simulated,
    )


def _files(source: Path, config: IndexConfig, participants: Path | None) -> GazeSource:
    """One job per file that a reader knows."""
    folder = source if source.is_dir() else source.parent
    table = None if participants is None else participants.resolve()
    found = [source] if source.is_file() else [path for path in sorted(folder.rglob("*")) if _may_hold_gaze(path)]
    found = [path for path in found if path.resolve() != table]
    looked = track(found, "looking for recordings", total=len(found))
    known = [path for path in looked if source.is_file() or _is_recording(path)]
    strange = sorted(set(found) - set(known))
    if not known:
        raise UsageError(
            f"none of {counted(len(found), 'file')} that end in {', '.join(TABLE_SUFFIXES)} is a recording that"
            " a reader knows",
            where=str(source),
            fix="give a folder of exports, such as OpenFace CSV files; 'emogap look FILE' says what is wrong with one",
        )
    names = [path.relative_to(folder).as_posix() for path in known]
    return GazeSource(
        folder,
        source.resolve().name if source.is_dir() else source.name.split(".")[0],
        "files",
        _channels_of(known, config),
        tuple(Job(name, (path,)) for name, path in zip(names, known, strict=True)),
        people={} if participants is None else _people(participants, names),
        doubts=_strange_doubts(folder, strange),
    )


def _may_hold_gaze(path: Path) -> bool:
    stem = path.name.lower().removesuffix(".gz")
    return path.is_file() and path.name[0] != "." and stem.endswith(TABLE_SUFFIXES)


def _is_recording(path: Path) -> bool:
    """Whether a reader knows it, or it is of OpenFace: one without gaze is an error to be told, not another file."""
    return is_known(path) or _is_openface(path)


def _is_openface(path: Path) -> bool:
    with path.open("rb") as file:
        heading = file.readline(1 << 16).decode("utf-8", "replace")
    return {"frame", "timestamp", "confidence", "success"} <= {name.strip() for name in heading.split(",")}


def _channels_of(paths: list[Path], config: IndexConfig) -> ChannelSet:
    """The channels that the first recording has by nature."""
    if config.channels != "auto":
        return config.channels
    if _is_openface(paths[0]):
        return "direction"
    return "head" if find_reader(paths[0]) == "ceap360vr" else "angle"


def _people(table: Path, names: list[str]) -> dict[str, str]:
    """Participant of each file that the table names.

    Raises
    ------
    DataError
        If the table names a file that is no recording of the source.
    """
    rows = read_rows(table, columns=("file", "participant_id"))
    refuse_repeats(rows, ("file",))
    known = set(names)
    for row in rows:
        if row.text("file") not in known:
            raise DataError(
                f"'{row.text('file')}' is no recording of the source",
                where=row.where,
                fix=f"write it relative to the source, like {names[0]}",
            )
    return {row.text("file"): row.identifier("participant_id") for row in rows}


def _strange_doubts(folder: Path, strange: list[Path]) -> tuple[str, ...]:
    if not strange:
        return ()
    named = ", ".join(path.relative_to(folder).as_posix() for path in strange[:MOST_NAMED])
    more = " ..." if len(strange) > MOST_NAMED else ""
    return (f"no reader knows {len(strange)} of the tables in the folder, which were passed over: {named}{more}",)
