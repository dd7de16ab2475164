"""``emogap release``: done person by person, taken up again where it was stopped, put in place when all is there.

While a release is made, everything stands in ``OUT.partial``: the permitted study, what is finished of each person, the
release as far as it is put together. OUT appears in one step.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from joblib import Parallel, cpu_count, delayed

from emogap import __version__
from emogap.annotation.answers import read_csv_answers
from emogap.annotation.exporting import csv_of
from emogap.datasets.emer_layout import SETS
from emogap.datasets.study_quality import measure_study
from emogap.errors import DataError, UsageError
from emogap.files import fingerprint_file, fingerprint_json, write_aside, write_bytes, write_json
from emogap.interfaces.exporting import ExportOptions, export_bids
from emogap.interfaces.releasing.choice import Choice, HeldBack, Permission, choose_people
from emogap.interfaces.releasing.codes import draw_codes, read_key, write_key
from emogap.interfaces.releasing.documents import Contents, doubts_of, write_checksums, write_documents
from emogap.interfaces.releasing.flow import (
    GAZE_STAGE,
    Clips,
    DatasetClips,
    clips_of_dataset,
    clips_of_study,
    consent_stages,
    recording_stages,
)
from emogap.interfaces.releasing.label_sheets import write_label_sheets
from emogap.interfaces.releasing.options import ReleaseOptions
from emogap.interfaces.releasing.permitted_study import write_permitted_study
from emogap.interfaces.releasing.person import PersonReport, PersonWork, write_person
from emogap.interfaces.releasing.places import ANNOTATIONS, DERIVED, deal_sets
from emogap.interfaces.releasing.record import RECORD, ReleaseRecord, claim
from emogap.preprocessing.face import DETECTORS
from emogap.preprocessing.face.detectors import settle_detector
from emogap.progress import track
from emogap.recording.bids import write_derivative_description
from emogap.recording.derived import record_derived
from emogap.recording.study import Study, open_study

__all__ = ["ReleaseReport", "release_study"]

CODES, PERSON = "codes.json", "person.json"
STUDY, WITHOUT_GAZE, DONE, RELEASE = "study", "study-without-gaze", "done", "release"


BIDS_EXPORT = ExportOptions(stimuli=False, file_words=False)
"""Authors and licence stand in CITATION.cff; BIDS wants them in one place only."""


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """What a release gave.

    Attributes
    ----------
    path : Path
    contents : Contents
    held_back : tuple of HeldBack
        Whose data are not in the release, and why.
    failures : tuple of (item, problem)
        What could not be read, by the ids of the release; the rest is saved.
    doubts : tuple of str
    was_there : bool
        Whether the same release stood there already.
    """

    path: Path
    contents: Contents
    held_back: tuple[HeldBack, ...]
    failures: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]
    was_there: bool = False


def release_study(
    source: Path,
    out: Path,
    options: ReleaseOptions,
    *,
    on: date,
    rng: np.random.Generator,
    key: Path | None = None,
    dataset: Path | None = None,
    jobs: int | None = None,
) -> ReleaseReport:
    """Write what may be shared of a study into the folder `out`.

    Parameters
    ----------
    source : Path
        Folder of the study.
    out : Path
        Folder to make. The same release in the same folder goes on where it stopped.
    options : ReleaseOptions
    on : date
        The day of the release: who may withdraw on it or later may still withdraw.
    rng : numpy.random.Generator
        Draws new ids; only used to recode.
    key : Path, optional
        Where the table of old and new ids goes; its codes are kept if it is there. Without it nobody can tell who is
        who, nor whom a withdrawal concerns.
    dataset : Path, optional
        A data set built from the study: only the clips that it keeps are released, and its exclusions are counted.
    jobs : int, optional
        Processes; all processors if not given. The result does not depend on it.

    Raises
    ------
    UsageError
        If nobody's consent allows the level, `out` holds something else or lies in the study, the key would lie in
        `out`, the weights of the face detector are missing, or the layout asks for more people.
    MismatchError
        If `out` holds this release of an earlier state of the study.
    DataError
        If consent or a table of the study is at fault, or nothing can be read.
    OutputError
        If the disk is full; finished people are kept.
    """
    _require_places(source, out, options, key)
    options = options.model_copy(update={"detector": settle_detector(options.detector)})
    study = open_study(source, with_sessions=False)
    choice = choose_people(source, level=options.level, on=on, keep_withdrawable=options.keep_withdrawable)
    choice = _for_layout(choice, options)
    built = None if dataset is None else clips_of_dataset(dataset, study)
    clips = clips_of_study(study)
    _require_people(clips, choice, options, built)
    if choice.with_kind("face"):
        DETECTORS.open(options.detector).open_detector(None)
    print_of_source = _fingerprint(study, choice, built)
    work = out.with_name(f"{out.name}.partial")
    finished = claim(out, work, options, print_of_source)
    if finished is not None:
        return _report(out, finished, choice, was_there=True)
    for path in (out, work):
        record_derived(source, path, by="release")
    codes = _codes(study, choice, options, work, rng, key)
    studies, unread = _write_permitted(study, choice, codes, work, built)
    people = _do_people(studies, work, options, jobs)
    stages, remaining = consent_stages(study, clips, choice, built)
    root = work / RELEASE
    failures = list(unread)
    failures += [one for person in people.values() for one in person.failures if one[0] not in dict(unread)]
    if options.layout == "bids":
        export = export_bids(work / STUDY, root, BIDS_EXPORT, jobs=jobs)
        failures += [one for one in export.failures if one[0] not in dict(failures)]
    _gather(root, work, people, studies, options)
    quality = measure_study(work / STUDY, jobs=1)
    if remaining:
        stages = (*stages, *recording_stages(quality))
    record = _record(options, print_of_source, people, failures, choice)
    write_documents(
        root,
        options,
        quality,
        studies,
        contents=Contents(**record.contents),
        stages=stages,
        doubts=record.doubts,
    )
    write_json(root / RECORD, record.model_dump(mode="json", by_alias=True))
    write_checksums(root)
    if out.is_dir():
        out.rmdir()
    root.replace(out)
    shutil.rmtree(work)
    return _report(out, record, choice)


def _require_places(source: Path, out: Path, options: ReleaseOptions, key: Path | None) -> None:
    if source.resolve() in (out.resolve(), *out.resolve().parents):
        raise UsageError("the release would lie in the study", where=str(out), fix="name a folder beside it")
    if key is None:
        return
    if not options.recode:
        raise UsageError("a key was asked for, but no new ids", where=str(key), fix="add --recode, or leave out --key")
    if out.resolve() in key.resolve().parents:
        raise UsageError(
            "the key would lie in the release, and tell everybody who is who",
            where=str(key),
            fix="name a file elsewhere, that stays in the lab",
        )


def _for_layout(choice: Choice, options: ReleaseOptions) -> Choice:
    """In BIDS all that is released of somebody hangs on the recording of their gaze."""
    if options.layout == "emer":
        return choice
    bare = tuple(person for person in choice.permitted if "gaze" not in person.kinds)
    return replace(
        choice,
        permitted=tuple(person for person in choice.permitted if person not in bare),
        held_back=(
            *choice.held_back,
            *(
                HeldBack(person.participant_id, GAZE_STAGE, "no gaze may be released, and the layout hangs on it")
                for person in bare
            ),
        ),
    )


def _require_people(clips: Clips, choice: Choice, options: ReleaseOptions, built: DatasetClips | None) -> None:
    recorded = [
        person.participant_id
        for person in choice.permitted
        if any(
            built is None or (person.participant_id, one) in built.kept
            for one in clips.get(person.participant_id, frozenset())
        )
    ]
    if options.layout == "emer" and len(recorded) < len(SETS):
        raise UsageError(
            f"{len(recorded)} people with a clip may be released at the level '{options.level}', and the layout emer"
            f" has {len(SETS)} sets of different people",
            fix="release with --layout bids, or at a level that more people agreed to",
        )
    if not recorded:
        raise UsageError(
            f"nobody with a clip allows gaze at the level '{options.level}'",
            fix="release with --layout emer, or at a level that people agreed to",
        )


def _fingerprint(study: Study, choice: Choice, built: DatasetClips | None) -> str:
    """Of everything that the release is made from: what is allowed, and every file that is read."""
    tables = [study.path / name for name in ("study.toml", "stimuli.tsv", "participants.tsv")]
    sessions = [
        path
        for person in choice.permitted
        if person.participant_id in study.session_ids
        for path in sorted((study.path / "sessions" / person.participant_id).iterdir())
        if path.is_file()
    ]
    files = [*tables, *study.rating_files, *sessions]
    prints = {
        path.relative_to(study.path).as_posix(): fingerprint_file(path) for path in track(files, "checking the study")
    }
    allowed = {person.participant_id: [*person.kinds, str(person.may_withdraw_until)] for person in choice.permitted}
    return fingerprint_json([__version__, prints, allowed, sorted(built.kept) if built is not None else None])


def _codes(
    study: Study, choice: Choice, options: ReleaseOptions, work: Path, rng: np.random.Generator, key: Path | None
) -> Mapping[str, str]:
    """The id of each released participant in the release; those drawn before the work was stopped stay."""
    names = [person.participant_id for person in choice.permitted]
    if not options.recode:
        return {name: name for name in names}
    place = work / CODES
    if not place.is_file():
        known = read_key(key) if key is not None else {}
        codes = draw_codes(names, rng, known=known)
        write_json(place, codes)
        if key is not None:
            record_derived(study.path, key, by="release")
            write_key(key, {**known, **codes})
    found: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
    return found


def _write_permitted(
    study: Study, choice: Choice, codes: Mapping[str, str], work: Path, built: DatasetClips | None
) -> tuple[tuple[Study, ...], Sequence[tuple[str, str]]]:
    """The permitted studies, people with gaze first, then, if there are any, those without; and unreadable tables."""
    clips = None if built is None else built.kept
    studies: list[Study] = []
    unread: list[tuple[str, str]] = []
    groups: dict[str, list[Permission]] = {STUDY: [], WITHOUT_GAZE: []}
    for person in choice.permitted:
        groups[STUDY if "gaze" in person.kinds else WITHOUT_GAZE].append(person)
    for name, group in groups.items():
        shutil.rmtree(work / name, ignore_errors=True)
        if group or name == STUDY:
            unread += write_permitted_study(study, group, codes, work / name, clips=clips)
            studies.append(open_study(work / name, with_sessions=False))
    return tuple(studies), unread


def _do_people(
    studies: Sequence[Study], work: Path, options: ReleaseOptions, jobs: int | None
) -> dict[str, PersonReport]:
    """Everybody's clips, those finished before included; by id in the release."""
    seen = {name: clips for study in studies for name, clips in clips_of_study(study).items()}
    sets = dict.fromkeys(seen, SETS[0]) | deal_sets([name for name, clips in seen.items() if clips])
    works = [PersonWork(study.path, name, sets[name]) for study in studies for name in study.session_ids]
    waiting = [one for one in works if not (work / DONE / one.participant_id).is_dir()]
    finished = set(track(_results(waiting, work, options, jobs), "releasing", total=len(waiting)))
    assert finished == {one.participant_id for one in waiting}
    return {name: PersonReport.model_validate_json((work / DONE / name / PERSON).read_bytes()) for name in sorted(sets)}


def _results(waiting: Sequence[PersonWork], work: Path, options: ReleaseOptions, jobs: int | None) -> Iterator[str]:
    num_workers = min(jobs or cpu_count(), max(1, len(waiting)))
    if num_workers == 1:
        yield from (_do_person(one, work, options) for one in waiting)
        return
    workers = Parallel(n_jobs=num_workers, return_as="generator_unordered")
    yield from workers(delayed(_do_person)(one, work, options) for one in waiting)


def _do_person(one: PersonWork, work: Path, options: ReleaseOptions) -> str:
    """Write a person in one step; their id is returned."""
    with write_aside(work / DONE / one.participant_id) as folder:
        (folder / "files").mkdir(parents=True)
        report = write_person(one, folder / "files", options)
        write_json(folder / PERSON, report.model_dump(mode="json"))
    return one.participant_id


def _gather(
    root: Path, work: Path, people: Mapping[str, PersonReport], studies: Sequence[Study], options: ReleaseOptions
) -> None:
    """Put everybody's files, labels and ratings together below `root`.

    Raises
    ------
    DataError
        If there is no clip at all.
    """
    if not any(person.clips for person in people.values()):
        problem = next((told for person in people.values() for _, told in person.failures), "no session has a clip")
        raise DataError(f"nothing could be released: {problem}", where=str(studies[0].path.name))
    for name in people:
        _move_files(work / DONE / name / "files", root)
    answers = [answer for study in studies for path in study.rating_files for answer in read_csv_answers(path)]
    if answers:
        write_bytes(root / ANNOTATIONS[options.layout], csv_of(answers))
    if options.layout == "emer":
        write_label_sheets(root, studies, [clip for person in people.values() for clip in person.clips])
        return
    for folder, about in DERIVED.items():
        if (root / "derivatives" / folder).is_dir():
            write_derivative_description(root / "derivatives" / folder, name=about, by=folder)


def _move_files(source: Path, target: Path) -> None:
    """Move every file below `source` to the same place below `target`; what an earlier run moved stays there."""
    for file in [file for file in source.rglob("*") if file.is_file()]:
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)


def _record(
    options: ReleaseOptions,
    source: str,
    people: Mapping[str, PersonReport],
    failures: Sequence[tuple[str, str]],
    choice: Choice,
) -> ReleaseRecord:
    clips = [clip for person in people.values() for clip in person.clips]
    contents = Contents(
        people=len({clip.participant_id for clip in clips}),
        clips=len(clips),
        clips_with_gaze=sum(clip.samples > 0 for clip in clips),
        clips_with_face=sum(clip.face_frames > 0 for clip in clips),
        clips_with_maps=sum(clip.maps > 0 for clip in clips),
        samples=sum(clip.samples for clip in clips),
        face_frames=sum(clip.face_frames for clip in clips),
        maps=sum(clip.maps for clip in clips),
    )
    left_out = [told for person in people.values() for told in person.left_out]
    return ReleaseRecord(
        schema=1,
        emogap=__version__,
        options=options,
        source=source,
        contents=asdict(contents),
        failures=tuple(failures),
        doubts=(*doubts_of(choice, contents, left_out), *(f"{item}: {problem}" for item, problem in failures)),
    )


def _report(out: Path, record: ReleaseRecord, choice: Choice, *, was_there: bool = False) -> ReleaseReport:
    return ReleaseReport(
        path=out,
        contents=Contents(**record.contents),
        held_back=choice.held_back,
        failures=record.failures,
        doubts=record.doubts,
        was_there=was_there,
    )
