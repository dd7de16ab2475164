"""Writing a simulated study: the folder that a lab would have, and ``truth.parquet``.

Sessions are made one by one, in parallel if asked, and each appears in its place only when it is complete, so a run
that was stopped goes on where it was.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tomli_w
from joblib import Parallel, delayed

import emogap
from emogap.errors import UsageError
from emogap.files import fingerprint_json, write_aside, write_bytes, write_json
from emogap.progress import track
from emogap.recording.derived import record_derived
from emogap.simulation.affect import EMOTIONS
from emogap.simulation.ceiling import ceiling_table
from emogap.simulation.cohort import Clip, Cohort, draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.face_session import FRAME_RATE_HZ, FaceClock, draw_clock, face_frames
from emogap.simulation.face_video import write_face_video
from emogap.simulation.machine_halves import judge_halves, write_halves
from emogap.simulation.randomness import stream
from emogap.simulation.raters import MACHINE, RatingRow, rate
from emogap.simulation.session import SCREEN_DISTANCE_MM, SCREEN_MM, SCREEN_PX, Timeline, plan_session, run_session
from emogap.simulation.tobii_export import RecordingFacts, tobii_table, write_tobii_tsv
from emogap.simulation.tracker import measure
from emogap.simulation.truth import truth_of, write_truth

__all__ = ["INTENDED_USE", "SETTINGS_FILE", "simulate_study"]

INTENDED_USE = "teaching (simulated people)"
SETTINGS_FILE = "simulation.json"
"""Holds the configuration that a folder was simulated with, by which a stopped run recognises it."""

HALVES_FILE = Path("derived", "annotate", "simulated", "clips.parquet")
"""Where ``emogap annotate auto --model simulated`` would keep what it says of each clip."""

SYNC_AFTER_S = 0.3
CLOCK_ERROR_S = 0.003


def simulate_study(out: Path, config: SimulationConfig, *, jobs: int = 2) -> Path:
    """Write a simulated study to the folder `out` and return it.

    Parameters
    ----------
    out : Path
        Made if it is absent. If it holds a study begun with the same configuration, finished sessions are kept.
    config : SimulationConfig
    jobs : int
        Processes that work on sessions side by side; the result does not depend on it.

    Raises
    ------
    UsageError
        If `out` holds anything else.
    OutputError
        If the disk is full or the folder cannot be written; finished sessions are kept.

    Notes
    -----
    Same configuration, same bytes of every table and same frames of every video.
    """
    _claim(out, config)
    cohort = draw_cohort(config)
    truth = truth_of(cohort)
    _write_stimuli(out, cohort)
    _write_participants(out, cohort)
    missing = [
        number for number, person in enumerate(cohort.people) if not (out / "sessions" / person.participant_id).is_dir()
    ]
    work = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(_write_session)(out, cohort, number) for number in missing
    )
    for _ in track(work, "simulating sessions", total=len(missing)):
        pass
    answers = rate(cohort)
    for annotator, rows in answers.items():
        write_bytes(out / "ratings" / f"{annotator}.csv", _ratings_csv(rows))
    record_derived(out, (out / HALVES_FILE).parent, by="simulate")
    write_halves(out / HALVES_FILE, judge_halves(cohort, answers[MACHINE]))
    write_truth(out / "truth.parquet", truth)
    write_bytes(out / "study.toml", tomli_w.dumps(_study_table(config, ceiling_table(truth))).encode())
    return out


def _claim(out: Path, config: SimulationConfig) -> None:
    """Begin in an empty folder, or go on in one that was begun with the same configuration."""
    settings = out / SETTINGS_FILE
    content = {"emogap": emogap.__version__, "configuration": json.loads(config.model_dump_json())}
    if out.exists() and not out.is_dir():
        raise UsageError("this is a file, not a folder", where=str(out), fix="give the name of a new folder")
    if out.is_dir() and any(out.iterdir()):
        if not settings.is_file():
            raise UsageError(
                "the folder is not empty and holds no simulated study",
                where=str(out),
                fix="give the name of a new folder, or empty this one yourself",
            )
        if fingerprint_json(_read_settings(settings)) != fingerprint_json(content):
            raise UsageError(
                "the folder holds a study that was simulated with other settings",
                where=str(settings),
                fix="give the name of a new folder, or repeat the settings that stand in this file",
            )
    write_json(settings, content)


def _read_settings(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None


def _study_table(config: SimulationConfig, ceilings: dict[str, dict[str, float]]) -> dict[str, object]:
    return {
        "schema": 1,
        "name": _name(config),
        "intended_use": INTENDED_USE,
        "simulated": True,
        "sam_points": 9,
        "screen": {"size_px": list(SCREEN_PX), "size_mm": list(SCREEN_MM), "distance_mm": SCREEN_DISTANCE_MM},
        "tracker": {"model": "simulated remote tracker", "rate_hz": float(config.rate_hz)},
        "ceiling": ceilings,
    }


def _name(config: SimulationConfig) -> str:
    part = "" if config.stimuli_per_participant is None else f"{config.stimuli_per_participant}of"
    return f"simulated-{config.participants}x{part}{config.stimuli}-seed{config.seed}"


def _write_participants(out: Path, cohort: Cohort) -> None:
    header = ("participant_id", "sex", "age", "glasses", "consent", "withdraw_until")
    rows = [
        (person.participant_id, person.sex, person.age, "yes" if person.has_glasses else "no", "public", "")
        for person in cohort.people
    ]
    write_bytes(out / "participants.tsv", _tsv(header, rows))


def _write_stimuli(out: Path, cohort: Cohort) -> None:
    header = ("stimulus_id", "stimulus_group", "target_emotion7", "target_emotion3", "duration_s", "file")
    rows = []
    for film in cohort.stimuli:
        name = film.stimulus_id
        rows.append((name, name, EMOTIONS[film.target7], film.target3, f"{cohort.config.clip_s:g}", ""))
        curve = zip(film.luminance_time_s, film.luminance, strict=True)
        table = _tsv(("time_s", "luminance"), [(f"{time_s:.2f}", f"{level:.4f}") for time_s, level in curve])
        write_bytes(out / "stimuli" / f"{name}.luminance.tsv", table)
    write_bytes(out / "stimuli.tsv", _tsv(header, rows))


def _write_session(out: Path, cohort: Cohort, number: int) -> None:
    """Everything of one participant, in a folder that appears when it is complete."""
    config, person = cohort.config, cohort.people[number]
    timeline = plan_session(config, number)
    eyes = run_session(cohort, number, timeline)
    measured = measure(eyes, person, config, stream(config.seed, "tracker", number))
    rng = stream(config.seed, "clock", number)
    clock = draw_clock(config, rng)
    stimulus_ids = tuple(film.stimulus_id for film in cohort.stimuli)
    start_time = f"{9 + number % 8:02d}:00:00.000"
    facts = RecordingFacts(
        "emogap-simulation", person.participant_id, f"Recording{number + 1}", start_time, config.rate_hz
    )
    with write_aside(out / "sessions" / person.participant_id) as folder:
        folder.mkdir()
        write_tobii_tsv(folder / "gaze.tsv", tobii_table(measured, timeline, stimulus_ids, facts))
        write_bytes(folder / "trials.tsv", _trials_tsv(timeline, stimulus_ids))
        answers = _self_report_tsv(cohort.clips[number], timeline, stimulus_ids, config.pause_s, rng)
        write_bytes(folder / "selfreport.tsv", answers)
        write_bytes(folder / "markers.tsv", _markers_tsv(timeline, clock, filmed=config.video))
        if config.video:
            if config.video_offset_s is None and config.video_drift_ppm is None:
                write_bytes(folder / "clock.toml", _clock_toml(clock, rng))
            frames = face_frames(cohort, number, timeline, eyes, clock)
            write_face_video(folder / "face.mp4", frames)


def _trials_tsv(timeline: Timeline, stimulus_ids: tuple[str, ...]) -> bytes:
    rows = [
        (order + 1, stimulus_ids[trial.stimulus], f"{trial.onset_s:.6f}", f"{trial.offset_s - trial.onset_s:.6f}")
        for order, trial in enumerate(timeline.trials)
    ]
    return _tsv(("order", "stimulus_id", "onset_s", "duration_s"), rows)


def _self_report_tsv(
    clips: tuple[Clip, ...],
    timeline: Timeline,
    stimulus_ids: tuple[str, ...],
    pause_s: float,
    rng: np.random.Generator,
) -> bytes:
    header = ("stimulus_id", "pleasure", "arousal", "dominance", "emotion7", "emotion3", "answered_s")
    rows = []
    for trial in timeline.trials:
        clip = clips[trial.stimulus]
        answered_s = trial.offset_s + pause_s * rng.uniform(0.3, 0.9)
        points = (clip.pleasure_answer, clip.arousal_answer, clip.dominance_answer)
        words = (EMOTIONS[clip.felt7], clip.felt3)
        rows.append((stimulus_ids[trial.stimulus], *points, *words, f"{answered_s:.3f}"))
    return _tsv(header, rows)


def _markers_tsv(timeline: Timeline, clock: FaceClock, *, filmed: bool) -> bytes:
    """A clap near the start and the end, as each device noted it: the tracker in ms, the video at a frame.

    Flashes are noted by the program that shows them, on the gaze clock; the video notes nothing, but sees them. A clap
    before the video begins is not noted by it.
    """
    rows = []
    for gaze_s in (SYNC_AFTER_S, timeline.length_s - SYNC_AFTER_S):
        rows.append((f"{gaze_s:.3f}", "gaze", "clap"))
        frame = np.ceil(clock.to_face_s(gaze_s) * FRAME_RATE_HZ)
        if filmed and frame >= 0:
            rows.append((f"{frame / FRAME_RATE_HZ:.3f}", "face", "clap"))
    rows += [(f"{flash_s:.3f}", "gaze", "flash") for flash_s in timeline.flashes_s]
    return _tsv(("time_s", "clock", "kind"), rows)


def _clock_toml(clock: FaceClock, rng: np.random.Generator) -> bytes:
    """The relation of the clocks as it was measured: a few milliseconds off the true one."""
    measured = {
        "offset_s": round(clock.offset_s + CLOCK_ERROR_S * rng.normal(), 4),
        "drift_ppm": round(clock.drift_ppm + rng.normal(), 2),
        "residual_ms": CLOCK_ERROR_S * 1000,
    }
    return tomli_w.dumps(measured).encode()


def _ratings_csv(rows: Iterable[RatingRow]) -> bytes:
    lines = ["item,annotator,question,rating,round,answered_at"]
    lines += [f"{row.item},{row.annotator},{row.question},{row.rating},1,2026-03-16" for row in rows]
    return ("\n".join(lines) + "\n").encode()


def _tsv(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> bytes:
    lines = ["\t".join(header), *("\t".join(str(cell) for cell in row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()
