"""A study of two people written by hand, small enough to know every answer."""

from pathlib import Path

STUDY = """schema = 1
name = "by-hand"
intended_use = "test"
sam_points = 9
[screen]
size_px = [1920, 1080]
[tracker]
model = "none"
"""

FELT = {
    "p01": {"s1": "fear", "s2": "anger", "s3": "neutral"},
    "p02": {"s1": "surprise", "s2": "happiness", "s3": "neutral"},
}
"""Self-report of emotion7; on the manikin everybody answered pleasure 7 (0.5 in [-1, 1]) and arousal 3 (-0.5)."""

MACHINE = {"p01/s1": "fear", "p01/s2": "sadness", "p01/s3": "neutral", "p02/s1": "fear", "p02/s2": "happiness"}
"""Agrees with the self-report on p01/s1, p01/s3 and p02/s2; saw nothing of p02/s3."""

ONSET_S = {"s1": 1.0, "s2": 4.0, "s3": 7.0}


def write_study(folder: Path) -> Path:
    """Two sessions of three trials of 2 s; videos start 0.5 s before the gaze. No rating yet."""
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY)
    people = "\n".join(f"{name}\t\t\t\t\t" for name in FELT)
    (folder / "participants.tsv").write_text(f"participant_id\tsex\tage\tglasses\tconsent\twithdraw_until\n{people}\n")
    stimuli = "\n".join(f"{name}\t{name}\t\t\t2\t" for name in ONSET_S)
    header = "stimulus_id\tstimulus_group\ttarget_emotion7\ttarget_emotion3\tduration_s\tfile"
    (folder / "stimuli.tsv").write_text(f"{header}\n{stimuli}\n")
    for name, felt in FELT.items():
        session = folder / "sessions" / name
        session.mkdir(parents=True)
        (session / "gaze.tsv").touch()
        (session / "face.mp4").touch()
        (session / "clock.toml").write_text("offset_s = -0.5\ndrift_ppm = 0.0\n")
        write_trials(session, {stimulus: (onset_s, 2.0) for stimulus, onset_s in ONSET_S.items()})
        answers = "\n".join(f"{stimulus}\t7\t3\t5\t{word}\t\t" for stimulus, word in felt.items())
        header = "stimulus_id\tpleasure\tarousal\tdominance\temotion7\temotion3\tanswered_s"
        (session / "selfreport.tsv").write_text(f"{header}\n{answers}\n")
    return folder


def write_trials(session: Path, times_s: dict[str, tuple[float, float]]) -> None:
    """Onset and duration by stimulus."""
    rows = [f"{order}\t{name}\t{onset}\t{length}" for order, (name, (onset, length)) in enumerate(times_s.items(), 1)]
    (session / "trials.tsv").write_text("order\tstimulus_id\tonset_s\tduration_s\n" + "\n".join(rows) + "\n")


def write_ratings(study: Path, annotator: str, question: str, answers: dict[str, object]) -> Path:
    """A rating file of one annotator."""
    path = study / "ratings" / f"{annotator}.csv"
    path.parent.mkdir(exist_ok=True)
    rows = [f"{item},{annotator},{question},{answer},1,2026-01-01" for item, answer in answers.items()]
    path.write_text("item,annotator,question,rating,round,answered_at\n" + "\n".join(rows) + "\n")
    return path
