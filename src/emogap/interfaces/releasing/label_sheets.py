"""Labels in the layout of EMER: one spreadsheet for what was felt, one for what was shown, one row for each clip.

Beside them a table of times, since a spreadsheet of gaze does not tell how long before its first sample the stimulus
came on; and ``release.toml``, which says what is what.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import tomli_w

from emogap.annotation import read_ratings, sam_to_unit, shown_labels
from emogap.errors import DataError
from emogap.files import write_bytes
from emogap.interfaces.releasing.person import ReleasedClip
from emogap.interfaces.releasing.places import ID_PATTERN, clip_id
from emogap.recording.session import SelfReport
from emogap.recording.spreadsheet import write_sheet
from emogap.recording.study import Study, open_session
from emogap.types import EmotionLabel, vocabulary

__all__ = ["FELT_FILE", "SHOWN_FILE", "write_label_sheets"]

FELT_FILE, SHOWN_FILE = "er_label.xlsx", "new_label.xlsx"
TIMES_FILE, STATEMENT_FILE = "times.tsv", "release.toml"

FELT_SCHEMA = {
    "ID": pl.String,
    "Emotion": pl.String,
    "Emotion3": pl.String,
    "Valence": pl.Float64,
    "Arousal": pl.Float64,
}
SHOWN_SCHEMA = {**FELT_SCHEMA, "Intensity": pl.Float64}


def write_label_sheets(root: Path, studies: Sequence[Study], clips: Sequence[ReleasedClip]) -> None:
    """Write both spreadsheets, the table of times and ``release.toml``.

    Parameters
    ----------
    root : Path
        Of the release.
    studies : sequence of Study
        Permitted studies, opened without their sessions; the first tells screen and whether people are simulated.

    clips : sequence of ReleasedClip

    Raises
    ------
    DataError
        If ratings are at fault.

    Notes
    -----
    A class of what was shown is the one with most votes of people, the first in the vocabulary of those tied; numbers
    are their means. Votes themselves stand in ``annotations/ratings.csv``. Models do not vote.
    """
    _write_times(root, studies, clips)
    felt = [row for study in studies for row in _felt(study)]
    shown = [row for study in studies for row in _shown(study)]
    write_sheet(root / FELT_FILE, pl.DataFrame(felt, schema=FELT_SCHEMA, orient="row"))
    stated: dict[str, object] = {
        "schema": 1,
        "simulated": studies[0].simulated,
        "times": TIMES_FILE,
        "felt": {"file": FELT_FILE, "emotion3": "Emotion3"},
    }
    if shown:
        write_sheet(root / SHOWN_FILE, pl.DataFrame(shown, schema=SHOWN_SCHEMA, orient="row"))
        stated["shown"] = {"file": SHOWN_FILE, "emotion3": "Emotion3"}
    stated["ids"] = {"pattern": ID_PATTERN}
    screen = studies[0].screen
    if screen.size_mm is not None and screen.distance_mm is not None:
        stated["screen"] = {
            "size_px": list(screen.size_px),
            "size_mm": list(screen.size_mm),
            "distance_mm": screen.distance_mm,
        }
    write_bytes(root / STATEMENT_FILE, tomli_w.dumps(stated).encode())


def _write_times(root: Path, studies: Sequence[Study], clips: Sequence[ReleasedClip]) -> None:
    """One line for each clip with gaze: when its first line was, from the onset, and its length."""
    targets = _targets(studies[0])
    lines = ["ID\tfirst_sample_s\tduration_s"]
    lines += [
        f"{clip_id(clip.participant_id, clip.stimulus_id, targets.get(clip.stimulus_id))}\t{clip.first_sample_s:.7f}"
        f"\t{clip.duration_s!r}"
        for clip in clips
        if clip.first_sample_s is not None
    ]
    write_bytes(root / TIMES_FILE, ("\n".join(lines) + "\n").encode())


def _felt(study: Study) -> Iterator[dict[str, object]]:
    """The answers of everybody, as far as they are in the permitted study."""
    for name in study.session_ids:
        try:
            session = open_session(study.path, name, study.stimuli, sam_points=study.sam_points)
        except DataError:  # listed where its clips are written
            continue
        for answer in sorted(session.self_report, key=lambda one: one.stimulus_id):
            yield {
                "ID": _id_of(study, name, answer.stimulus_id),
                "Emotion": answer.emotion7,
                "Emotion3": answer.emotion3,
                **_unit(answer, study.sam_points),
            }


def _unit(answer: SelfReport, points: int) -> dict[str, float | None]:
    """Valence and arousal in [-1, 1]; None = not answered."""
    given = {"Valence": answer.pleasure, "Arousal": answer.arousal}
    return {name: None if point is None else sam_to_unit(point, points=points) for name, point in given.items()}


def _shown(study: Study) -> Iterator[dict[str, object]]:
    labels = shown_labels(read_ratings(study.rating_files))
    for item, label in labels.items():
        name, stimulus_id = item.split("/")
        yield {
            "ID": _id_of(study, name, stimulus_id),
            "Emotion": _most_votes(label, "emotion7"),
            "Emotion3": _most_votes(label, "emotion3"),
            "Valence": label.valence,
            "Arousal": label.arousal,
            "Intensity": label.intensity,
        }


def _most_votes(label: EmotionLabel, space: str) -> str | None:
    return vocabulary(space)[int(np.argmax(label.share[space]))] if space in label.share else None


def _id_of(study: Study, participant_id: str, stimulus_id: str) -> str:
    return clip_id(participant_id, stimulus_id, _targets(study).get(stimulus_id))


def _targets(study: Study) -> Mapping[str, str | None]:
    return {stimulus.stimulus_id: stimulus.target_emotion7 for stimulus in study.stimuli}
