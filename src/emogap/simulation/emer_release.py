"""A miniature of EMER's release with a known truth: face frames, gaze spreadsheets and labels of simulated people.

What EMER's authors release needs a signed agreement; this is the same layout with nobody in it, so that whoever has
the data knows beforehand what will be read. Beside what the release holds it has ``people.tsv`` and ``release.toml``,
which are what a user states of the release (:mod:`emogap.datasets.emer_facts` reads them).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import tomli_w
from jaxtyping import Float, UInt8
from numpy import ndarray

from emogap.errors import UsageError
from emogap.files import write_aside, write_bytes
from emogap.progress import track
from emogap.recording.spreadsheet import write_sheet
from emogap.simulation.affect import EMOTIONS
from emogap.simulation.cohort import Clip, Cohort, Person, Stimulus, draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.face import FaceExpression, add_camera_noise, draw_face
from emogap.simulation.face_geometry import EYE_Y, MIDDLE_X
from emogap.simulation.face_identity import FaceIdentity, sample_identity
from emogap.simulation.randomness import stream
from emogap.simulation.raters import MACHINE, RatingRow, rate
from emogap.simulation.session import SCREEN_DISTANCE_MM, SCREEN_MM, SCREEN_PX, plan_session, run_session
from emogap.simulation.tobii_export import RecordingFacts, tobii_table
from emogap.simulation.tracker import measure

__all__ = ["CODE_ORDER", "LEFT_OUT", "NUM_SETS", "EmerMiniature", "simulate_emer_release"]

NUM_SETS = 5

LEFT_OUT = (
    "Project name",
    "Export date",
    "Participant name",
    "Recording name",
    "Recording date",
    "Recording start time",
    "Event",
    "Event value",
    "Presented Media name",
)
"""Columns of a Pro Lab export that name people, days or files; without them 39 are left, as in the release."""

CODE_ORDER = ("happiness", "sadness", "fear", "disgust", "surprise", "anger", "neutral")
"""Order of the integer codes in ``new_label.xlsx``: that of section III.D.1 of arXiv 2512.16485, from 0."""

ADJECTIVES = dict(zip(EMOTIONS, ("happy", "sad", "fear", "surprise", "disgust", "angry", "neutral"), strict=True))

VALIDITY_CODES = {"Valid": 0, "Invalid": 4}

PICTURE_PX, EYE_DISTANCE_PX, EYES_AT_PX = 112, 35.2, (55.9, 51.6)
"""Aligned frames, and where the eyes are in them: the template of ArcFace, as released frames look."""

CANVAS_EYE_DISTANCE_PX = 59.0
JPEG_QUALITY = 92
RISE_SHARE = 0.4
"""Share of the clip after which an expression is full. Choice."""


@dataclass(frozen=True, slots=True)
class EmerMiniature:
    """What was written, with what was planted.

    Attributes
    ----------
    path : Path
    set_of : mapping from clip ID to set
    person_of : mapping from clip ID to participant
    shared_people : tuple of str
        Participants who have clips in two sets; all others have theirs in one.
    bare_ids : tuple of str
        Clips whose gaze columns name no unit and hold no words.
    """

    path: Path
    set_of: Mapping[str, str]
    person_of: Mapping[str, str]
    shared_people: tuple[str, ...]
    bare_ids: tuple[str, ...]


def simulate_emer_release(
    out: Path, config: SimulationConfig, *, shared_people: int = 2, frames: int = 10
) -> EmerMiniature:
    """Write a miniature of the release to the folder `out`.

    Parameters
    ----------
    out : Path
        A new folder; it appears when it is whole.
    config : SimulationConfig
    shared_people : int
        So many of the first participants have their last clip in the next set: what an audit must find.
    frames : int
        Face frames per clip.

    Returns
    -------
    EmerMiniature

    Raises
    ------
    UsageError
        If `out` exists, there are fewer people than sets, more people are to be shared than there are, or some people
        are not shown every film.
    OutputError
        If the disk is full.

    Notes
    -----
    IDs are the number of the participant and the film, as ``3_film_happy Happy``. Every second participant's gaze
    files have columns without units, as older exports do, and numbers in the place of words. Labels of what was shown
    are the plurality and the means of the simulated experts; those of what was felt are the answers. Same
    configuration, same bytes.
    """
    _require_possible(out, config, shared_people)
    cohort = draw_cohort(config)
    names = _film_names(cohort.stimuli)
    set_of, person_of, bare = _dealt(cohort, names, shared_people)
    with write_aside(out) as folder:
        folder.mkdir()
        for number in track(range(len(cohort.people)), "simulating clips", total=len(cohort.people)):
            _write_gaze(folder / "eye", cohort, number, names)
            _write_faces(folder / "face", cohort, number, names, set_of, frames)
        _write_labels(folder, cohort, names)
        _write_statements(folder, cohort, names)
    shared = tuple(person.participant_id for person in cohort.people[:shared_people])
    return EmerMiniature(out, set_of, person_of, shared, bare)


def _require_possible(out: Path, config: SimulationConfig, shared_people: int) -> None:
    if out.exists():
        raise UsageError("this is there already", where=str(out), fix="give the name of a new folder")
    if config.participants < NUM_SETS or not 0 <= shared_people <= config.participants or config.stimuli < 2:
        raise UsageError(
            f"{config.participants} participants with {config.stimuli} stimuli, {shared_people} of them in two sets,"
            f" cannot be dealt to {NUM_SETS} sets",
            fix="give at least 5 participants and 2 stimuli, and share no more people than there are",
        )
    if config.stimuli_per_participant is not None:
        raise UsageError(
            "the miniature shows every film to everybody", where="stimuli_per_participant", fix="leave this option out"
        )


def _film_names(stimuli: Sequence[Stimulus]) -> tuple[str, ...]:
    """What an ID says after the number: ``film_happy Happy``, and ``film_happy2 Happy`` for the second of a class."""
    seen: dict[str, int] = {}
    names = []
    for stimulus in stimuli:
        word = ADJECTIVES[EMOTIONS[stimulus.target7]]
        seen[word] = seen.get(word, 0) + 1
        names.append(f"film_{word}{seen[word] if seen[word] > 1 else ''} {word.capitalize()}")
    return tuple(names)


def _clip_id(person: int, name: str) -> str:
    return f"{person + 1}_{name}"


def _is_bare(person: int) -> bool:
    return person % 2 == 1


def _dealt(
    cohort: Cohort, names: Sequence[str], shared_people: int
) -> tuple[dict[str, str], dict[str, str], tuple[str, ...]]:
    """Set and participant of each clip, and the clips without units; whole people are dealt, but for those shared."""
    set_of, person_of, bare = {}, {}, []
    for number, person in enumerate(cohort.people):
        for film, name in enumerate(names):
            moved = number < shared_people and film == len(names) - 1
            clip_id = _clip_id(number, name)
            set_of[clip_id] = f"set{(number + moved) % NUM_SETS + 1}"
            person_of[clip_id] = person.participant_id
            if _is_bare(number):
                bare.append(clip_id)
    return set_of, person_of, tuple(bare)


def _write_gaze(folder: Path, cohort: Cohort, number: int, names: Sequence[str]) -> None:
    """One spreadsheet for each clip of a participant, cut out of their session."""
    config, person = cohort.config, cohort.people[number]
    timeline = plan_session(config, number)
    measured = measure(run_session(cohort, number, timeline), person, config, stream(config.seed, "tracker", number))
    facts = RecordingFacts("", "", "", "", config.rate_hz)
    table = tobii_table(measured, timeline, tuple(names), facts).filter(pl.col("Sensor").is_not_null()).drop(LEFT_OUT)
    for name in names:
        clip = table.filter(pl.col("Presented Stimulus name") == name)
        write_sheet(folder / f"{_clip_id(number, name)}.xlsx", _bare(clip) if _is_bare(number) else clip)


def _bare(clip: pl.DataFrame) -> pl.DataFrame:
    """The clip as an older export without units, and numbers in the place of words: the public loader takes no words.

    Validity has the codes of Tobii Studio, 0 and 4; what other words become is arbitrary.
    """
    words = [name for name, kind in clip.schema.items() if kind == pl.String]
    return clip.with_columns(_coded(clip[name]) for name in words).rename(_without_unit)


def _coded(column: pl.Series) -> pl.Series:
    words = sorted(set(column.drop_nulls()))
    codes = VALIDITY_CODES if column.name.startswith("Validity") else {word: at + 1 for at, word in enumerate(words)}
    return column.replace_strict(codes, default=None, return_dtype=pl.Int64)


def _without_unit(column: str) -> str:
    """A column's name as older exports write it: units of mm on the screen in parentheses, all others nowhere."""
    name, _, unit = column.partition(" [")
    return f"{name} (DACSmm)" if unit == "DACS mm]" else name


def _write_faces(
    folder: Path, cohort: Cohort, number: int, names: Sequence[str], set_of: Mapping[str, str], frames: int
) -> None:
    """The aligned frames of each clip of a participant, numbered without leading zeros."""
    rng = stream(cohort.config.seed, "face", number)
    identity = _identity(cohort.config, number, cohort.people[number])
    for film, name in enumerate(names):
        clip_id = _clip_id(number, name)
        for frame in range(frames):
            risen = min(1.0, (frame + 0.5) / (RISE_SHARE * frames))
            picture = add_camera_noise(
                _aligned(draw_face(identity, _expression(cohort.clips[number][film], risen))), rng
            )
            _, coded = cv2.imencode(".jpg", picture[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
            write_bytes(folder / set_of[clip_id] / clip_id / f"frame_{frame + 1}.jpg", coded.tobytes())


def _identity(config: SimulationConfig, number: int, person: Person) -> FaceIdentity:
    if config.person_effect == 0:
        return FaceIdentity()
    return sample_identity(stream(config.seed, "face", number, 1), has_glasses=person.has_glasses)


def _expression(clip: Clip, risen: float) -> FaceExpression:
    weights: Float[ndarray, " 6"] = np.clip(clip.face_cue, 0, None) * risen
    weights = weights / max(float(weights.sum()), 1.0)
    return FaceExpression((*(float(weight) for weight in weights), 0.0))


def _aligned(picture: UInt8[ndarray, "256 256 3"]) -> UInt8[ndarray, "112 112 3"]:
    """The drawn face with its eyes where released frames have them."""
    scale = EYE_DISTANCE_PX / CANVAS_EYE_DISTANCE_PX
    matrix = np.array(
        [[scale, 0, EYES_AT_PX[0] - scale * MIDDLE_X], [0, scale, EYES_AT_PX[1] - scale * EYE_Y]], np.float64
    )
    moved: UInt8[ndarray, "112 112 3"] = cv2.warpAffine(picture, matrix, (PICTURE_PX, PICTURE_PX))
    return moved


def _write_labels(folder: Path, cohort: Cohort, names: Sequence[str]) -> None:
    """``new_label.xlsx`` with what was shown, in codes; ``er_label.xlsx`` with what was felt, in words."""
    votes = _expert_votes(cohort)
    shown, felt = [], []
    for number, (person, clips) in enumerate(zip(cohort.people, cohort.clips, strict=True)):
        for stimulus, clip, name in zip(cohort.stimuli, clips, names, strict=True):
            clip_id = _clip_id(number, name)
            shown.append({"ID": clip_id} | _voted(votes[f"{person.participant_id}/{stimulus.stimulus_id}"]))
            felt.append(
                {
                    "ID": clip_id,
                    "Emotion": EMOTIONS[clip.felt7],
                    "Emotion3": clip.felt3,
                    "Valence": (clip.pleasure_answer - 5) / 4,
                    "Arousal": (clip.arousal_answer - 5) / 4,
                }
            )
    write_sheet(folder / "new_label.xlsx", pl.DataFrame(shown))
    write_sheet(folder / "er_label.xlsx", pl.DataFrame(felt))


def _expert_votes(cohort: Cohort) -> dict[str, list[RatingRow]]:
    votes: dict[str, list[RatingRow]] = {}
    for annotator, rows in rate(cohort).items():
        for row in rows if annotator != MACHINE else ():
            votes.setdefault(row.item, []).append(row)
    return votes


def _voted(votes: Sequence[RatingRow]) -> dict[str, object]:
    """Plurality of the classes (the first of those tied), means of the numbers."""

    def answers(question: str) -> list[str]:
        return [row.rating for row in votes if row.question == question]

    def plurality(question: str) -> str:
        given = answers(question)
        return max(sorted(set(given)), key=given.count)

    def mean(question: str) -> float:
        return round(float(np.mean([float(answer) for answer in answers(question)])), 3)

    return {
        "Emotion": CODE_ORDER.index(plurality("emotion7")),
        "Emotion3": plurality("emotion3"),
        "Valence": mean("valence"),
        "Arousal": mean("arousal"),
        "Intensity": mean("intensity"),
    }


def _write_statements(folder: Path, cohort: Cohort, names: Sequence[str]) -> None:
    """What a user states of the release: whose clips they are, and what the labels mean."""
    lines = ["ID\tparticipant_id"]
    lines += [
        f"{_clip_id(number, name)}\t{person.participant_id}"
        for number, person in enumerate(cohort.people)
        for name in names
    ]
    write_bytes(folder / "people.tsv", ("\n".join(lines) + "\n").encode())
    stated = {
        "schema": 1,
        "simulated": True,
        "felt": {"file": "er_label.xlsx", "emotion3": "Emotion3"},
        "shown": {"file": "new_label.xlsx", "emotion3": "Emotion3"},
        "classes": {"codec": "paper-section-3d", "first": 0},
        "ids": {"table": "people.tsv"},
        "screen": {"size_px": list(SCREEN_PX), "size_mm": list(SCREEN_MM), "distance_mm": SCREEN_DISTANCE_MM},
    }
    write_bytes(folder / "release.toml", tomli_w.dumps(stated).encode())
