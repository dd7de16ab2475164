"""EMER as released: face frames in five sets, gaze as Tobii Pro Lab spreadsheets; views as the user states them.

One clip is one ID. Its gaze is read, cleaned and sampled as any recording; its face frames were aligned by the authors
and go to the encoder as they are. The release does not say which label view the column Emotion holds, what its codes
mean, nor whose clip an ID is: all this comes from the file of ``--release`` (:mod:`emogap.datasets.emer_facts`), and
what it does not say stays unknown. ``set1`` to ``set5`` are the official folds.

References
----------
The EMER paper, arXiv 2512.16485 (sections III.C to III.E); layout as the public loader of github.com/kejun1/EMER reads
it (commit 2475432, ``dataset/SMEAD_dataset.py``; read, not copied).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from emogap.counted_nouns import counted
from emogap.datasets.cutting import cut_gaze
from emogap.datasets.emer_facts import DEFAULT_PATTERN, ReleaseFacts, facts_of
from emogap.datasets.emer_labels import read_labels
from emogap.datasets.emer_layout import ReleaseClip, Whose, look_over, whose_clips
from emogap.datasets.face_pictures import cut_pictures, even_pictures, settle_pictures
from emogap.datasets.gaze_frames import settle_gaze
from emogap.datasets.labels import one_hot
from emogap.datasets.participants import Traits, participants_of_table
from emogap.datasets.plan import BuildConfig, Clip, Cut, Job, LeftOut, Plan
from emogap.datasets.screens import completed_screen
from emogap.datasets.stimulus_facts import readable_facts
from emogap.datasets.unknown_ids import UNKNOWN
from emogap.errors import DataError, UsageError
from emogap.recording import open_recording
from emogap.rows import read_rows
from emogap.types import EmotionLabel, LabelView, Recording, SampleKey, StimulusInterval

__all__ = ["cut", "participants", "plan", "stimulus_facts"]

READER = "tobii_pro_lab"


def plan(source: Path, config: BuildConfig) -> Plan:
    """One job per clip in ``face/set1`` to ``face/set5``.

    Raises
    ------
    UsageError
        If the folder is not laid out as the release, the file of ``--release`` is not given, or a face detector is
        asked for.
    DataError
        If a set is missing, a clip stands in two sets, or labels or the table of people are at fault.
    """
    facts = _facts(config)
    clips = look_over(source)
    names = [clip.clip_id for clip in clips]
    table = _people_table(source, facts)
    whose = whose_clips(names, facts.ids, table)
    labels = read_labels(source, facts, names)
    targets = {"target": "the word after 'film_' in the ID"} if any(each.target for each in whose.values()) else {}
    tables = [source / name for name in (facts.ids.table, facts.times) if name]
    return Plan(
        name="emer",
        jobs=tuple(_job(clip, tables, config) for clip in clips),
        shared_files=tuple(source / each.file for each in (facts.felt, facts.shown) if each is not None),
        labels={
            (whose[name].participant_id, whose[name].stimulus_id): (
                *_target(whose[name]),
                *labels.by_clip.get(name, ()),
            )
            for name in names
        },
        label_sources={**labels.sources, **targets},
        simulated=facts.simulated,
        doubts=(*_doubts(source, clips, whose, facts), *labels.doubts),
        config=settle_gaze(settle_pictures(config), "angle"),
    )


def cut(name: str, job: Job, config: BuildConfig) -> Cut:
    """The clip of one ID.

    Raises
    ------
    DataError
        If its gaze file is absent or damaged, or gaze cannot be given in degrees because the screen is not known.
    """
    facts = facts_of(config.release)
    eye_path, table, times, pictures = _files(job, facts)
    set_name, _, clip_name = job.name.partition("-")
    if not eye_path.is_file():
        raise DataError(
            f"the clip '{eye_path.stem}' has face frames but no gaze file",
            where=f"eye/{eye_path.name}",
            fix="restore it from the release; the other clips are saved",
        )
    whose = whose_clips([eye_path.stem], facts.ids, table)[eye_path.stem]
    recording = _placed(open_recording(eye_path, reader=READER), clip_name, whose, facts)
    if times is None:
        interval = _whole(recording, whose.stimulus_id)
    else:
        interval = _stated(times, eye_path.stem, whose.stimulus_id)
    key = SampleKey(
        name,
        clip_name,
        whose.participant_id,
        whose.stimulus_id,
        whose.stimulus_id,
        interval.onset_s,
        interval.offset_s,
    )
    piece = cut_gaze(recording, interval, key, config)
    if isinstance(piece, LeftOut):
        return Cut((), (piece,))
    return Cut((replace(_with_face(piece, recording, pictures, config), official_fold=set_name),))


def participants(source: Path) -> Traits:
    """Every column but consent of ``participants.tsv``, which releases of emogap hold; without it nothing is known.

    Raises
    ------
    DataError
        If the table is damaged.
    """
    table = source / "participants.tsv"
    return participants_of_table(table) if table.is_file() else {}


def stimulus_facts(source: Path) -> Mapping[str, Mapping[str, float]]:
    """Light, motion and loudness of the films (or luminance tables) that lie in ``stimuli/`` under their stimulus ids.

    No release holds films: whoever has them may put them there.
    """
    folder = source / "stimuli"
    names = {path.name.partition(".")[0] for path in folder.iterdir() if path.is_file()} if folder.is_dir() else set()
    return {name: readable_facts(source, name) for name in sorted(names)}


def _files(job: Job, facts: ReleaseFacts) -> tuple[Path, Path | None, Path | None, tuple[Path, ...]]:
    """Gaze file, tables of people and of times if there are such, and face pictures of a job."""
    eye_path, *others = job.files
    table = others.pop(0) if facts.ids.table else None
    times = others.pop(0) if facts.times else None
    return eye_path, table, times, tuple(others)


def _stated(times: Path, clip_id: str, stimulus_id: str) -> StimulusInterval:
    """The interval that a table states, in seconds of the file, whose first sample is 0."""
    rows = read_rows(times, columns=("ID", "first_sample_s", "duration_s"))
    row = next((row for row in rows if row.optional("ID") == clip_id), None)
    if row is None:
        raise DataError(f"the clip '{clip_id}' is not in the table of times", where=times.name, fix="add a row for it")
    onset_s = -row.number("first_sample_s")
    return StimulusInterval(stimulus_id, onset_s, onset_s + row.number("duration_s", low=1e-3))


def _whole(recording: Recording, stimulus_id: str) -> StimulusInterval:
    """The interval from the first sample to the end of the last: a released file holds one clip and nothing else."""
    assert recording.gaze is not None
    time_s = recording.gaze.time_s
    return StimulusInterval(stimulus_id, float(time_s[0]), float(time_s[-1]) + 1 / recording.gaze.rate_hz)


def _with_face(piece: Clip, recording: Recording, pictures: Sequence[Path], config: BuildConfig) -> Clip:
    """The clip with its face streams, and with how long it is at which rate."""
    assert recording.gaze is not None
    face = cut_pictures(pictures, config)
    doubts = "\n".join(part for part in (str(piece.quality["doubts"]), *face.doubts) if part)
    counts = {
        "duration_s": piece.key.stop_s - piece.key.start_s,
        "num_samples": len(recording.gaze.time_s),
        "rate_hz": recording.gaze.rate_hz,
        "num_face_frames": _num_frames(pictures),
    }
    return replace(
        piece,
        streams={**piece.streams, **face.streams},
        quality={**piece.quality, **face.quality, **counts, "doubts": doubts},
    )


def _facts(config: BuildConfig) -> ReleaseFacts:
    if not config.release:
        raise UsageError(
            "the release of EMER does not say which label view its column Emotion holds, nor whose clip an ID is",
            fix="state it in a TOML file and give that with --release; the smallest one is: schema = 1, then a line"
            ' [shown] (or [felt]) and below it file = "new_label.xlsx"; docs/reproduce.md has all of it',
        )
    return facts_of(config.release)


def _people_table(source: Path, facts: ReleaseFacts) -> Path | None:
    return source / facts.ids.table if facts.ids.table else None


def _job(clip: ReleaseClip, tables: Sequence[Path], config: BuildConfig) -> Job:
    pictures = even_pictures(clip.pictures, config.face_steps)
    return Job(f"{clip.set_name}-{clip.name}", (clip.eye_path, *tables, *pictures))


def _num_frames(pictures: Sequence[Path]) -> int:
    """Frames in the folder that the chosen pictures are from."""
    return sum(1 for _ in pictures[0].parent.glob("*.jpg")) if pictures else 0


def _placed(recording: Recording, clip_name: str, whose: Whose, facts: ReleaseFacts) -> Recording:
    """The recording under the names that ID and table give it, on the screen as far as it is known."""
    if recording.gaze is None:
        raise DataError("the file holds no gaze samples", where=recording.source, fix="restore it from the release")
    screen, doubts = recording.screen, recording.doubts
    if facts.screen is not None:
        screen, more = completed_screen(recording.screen, facts.screen.as_screen(), by="the file of --release")
        doubts = (*doubts, *more)
    if screen is None or screen.size_mm is None or screen.distance_mm is None:
        raise DataError(
            "the gaze file does not tell the screen's size in mm and the viewing distance, so that gaze cannot be given"
            " in degrees",
            where=recording.source,
            fix="state [screen] size_px, size_mm and distance_mm in the file of --release, if you know them",
        )
    return replace(recording, recording_id=clip_name, participant_id=whose.participant_id, screen=screen, doubts=doubts)


def _target(whose: Whose) -> tuple[EmotionLabel, ...]:
    if whose.target is None:
        return ()
    return (EmotionLabel(LabelView.TARGET, {"emotion7": one_hot("emotion7", whose.target)}),)


def _doubts(
    source: Path, clips: Sequence[ReleaseClip], whose: Mapping[str, Whose], facts: ReleaseFacts
) -> Iterator[str]:
    """What nobody but the authors can tell, and what does not fit together."""
    unknown = [each for each in whose.values() if each.participant_id.startswith(UNKNOWN)]
    if unknown:
        yield (
            f"nobody knows whose clips {len(unknown)} of {len(clips)} are: neither the ID nor a table says so; people"
            " cannot be held out, and intervals take clips for people and are too narrow"
        )
    unseen = sum(each.stimulus_id.startswith(UNKNOWN) for each in whose.values())
    if unseen:
        yield f"nobody knows which stimulus {unseen} of {len(clips)} clips are of: their IDs are not of the known form"
    stimuli = {each.stimulus_id for each in whose.values()}
    if not facts.ids.table and facts.ids.pattern == DEFAULT_PATTERN:
        yield (
            f"stimuli are what follows the number in the ID: {len(stimuli)} different ones; the paper used 28, and does"
            " not say what an ID means"
        )
    known = {clip.eye_path.name for clip in clips}
    alone = sorted(path.name for path in (source / "eye").glob("*.xlsx") if path.name not in known)
    if alone:
        yield f"{counted(len(alone), 'gaze file', 'has')} no face folder in any set, first '{alone[0]}': left out"
    yield "face frames were aligned by the authors to a template that is not stated; their times are not released"
