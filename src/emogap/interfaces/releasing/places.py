"""Where the parts of a clip stand in each layout, from the root of the release."""

from dataclasses import dataclass
from pathlib import Path

from emogap.datasets.emer_layout import SETS, TARGET_WORDS
from emogap.interfaces.releasing.options import Layout
from emogap.recording.bids import subject_label

__all__ = ["ANNOTATIONS", "DERIVED", "ID_PATTERN", "ClipPlaces", "clip_id", "clip_places", "deal_sets"]

ID_PATTERN = r"(?P<participant>[A-Za-z0-9-]+)_film_(?P<target>[a-z]+)_(?P<stimulus>[A-Za-z0-9-]+)"
"""What an ID is made of; stands in the release's ``release.toml``, so that it is read and not guessed."""

UNSTATED = "unstated"
WORDS = {emotion: word for word, emotion in TARGET_WORDS.items()}

FACES, MAPS, RATINGS = "emogap-faces", "emogap-fixation-maps", "emogap-annotations"
DERIVED = {
    FACES: "Aligned face frames, one folder for each clip",
    MAPS: "Fixation maps, one file for each clip",
    RATINGS: "Every rating of the clips, by people and by models",
}
"""Folders under ``derivatives`` of the layout ``bids``, and what they hold."""

ANNOTATIONS: dict[Layout, Path] = {
    "emer": Path("annotations") / "ratings.csv",
    "bids": Path("derivatives") / RATINGS / "ratings.csv",
}


@dataclass(frozen=True, slots=True)
class ClipPlaces:
    """Folder of the face frames, file of the fixation maps, and the spreadsheet of gaze (None in ``bids``)."""

    face: Path
    maps: Path
    eye: Path | None


def clip_id(participant_id: str, stimulus_id: str, target: str | None) -> str:
    """The ID of a clip in the layout of EMER: who, ``film_`` and the target, which stimulus.

    Examples
    --------
    >>> clip_id("p01", "s4", "happiness"), clip_id("p01", "s9", None)
    ('p01_film_happy_s4', 'p01_film_unstated_s9')
    """
    return f"{participant_id}_film_{UNSTATED if target is None else WORDS[target]}_{stimulus_id}"


def clip_places(
    layout: Layout, participant_id: str, stimulus_id: str, *, target: str | None, set_name: str
) -> ClipPlaces:
    """Where the parts of a clip stand; `target` and `set_name` are those of the layout ``emer``."""
    if layout == "emer":
        name = clip_id(participant_id, stimulus_id, target)
        return ClipPlaces(
            Path("face") / set_name / name, Path("fixation") / f"{name}.npz", Path("eye") / f"{name}.xlsx"
        )
    subject, clip = f"sub-{subject_label(participant_id)}", f"stim-{subject_label(stimulus_id)}"
    return ClipPlaces(
        Path("derivatives") / FACES / subject / f"{subject}_task-watch_{clip}_desc-aligned_face",
        Path("derivatives") / MAPS / subject / f"{subject}_task-watch_{clip}_desc-fixation_map.npz",
        None,
    )


def deal_sets(participant_ids: list[str]) -> dict[str, str]:
    """The set of each participant, in turn: no participant is in two sets.

    Examples
    --------
    >>> deal_sets(["c", "a", "b"])
    {'a': 'set1', 'b': 'set2', 'c': 'set3'}
    """
    return {name: SETS[number % len(SETS)] for number, name in enumerate(sorted(participant_ids))}
