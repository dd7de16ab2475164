"""Planted offset and drift of face videos against what `emogap align` finds, worst error over the whole session."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from emogap.interfaces.aligning import SOURCES, Alignment, align_session
from emogap.preprocessing.synchronise import ClockEstimate
from emogap.recording.study import open_study
from emogap.simulation import SimulationConfig, simulate_study
from slow_checks._evidence import write_evidence

OFFSETS_S = (0.75, -2.3)
DRIFT_PPM = 200.0
FRAME_MS = 40.0
STUDY = SimulationConfig(participants=3, stimuli=7, seed=2026, video_drift_ppm=DRIFT_PPM, screen_flashes=5)


def run() -> None:
    """Simulate two studies, align every session, print and write the errors."""
    rows = []
    for offset_s in OFFSETS_S:
        with TemporaryDirectory() as folder:
            config = STUDY.model_copy(update={"video_offset_s": offset_s})
            study = open_study(simulate_study(Path(folder) / "study", config, jobs=1))
            for session in study.sessions:
                end_s = session.trials[-1].interval.offset_s + config.pause_s
                row = _row(align_session(session), offset_s=offset_s, end_s=end_s)
                rows.append(row)
                print(row, flush=True)
    errors_ms = [float(str(row["worst_error_ms"])) for row in rows if row["worst_error_ms"] is not None]
    label = f"simulated faces and tracker, {STUDY.participants} people x {STUDY.stimuli} films of {STUDY.clip_s:g} s"
    summary = {
        "sessions": len(rows),
        "aligned": len(errors_ms),
        "largest_error_ms": max(errors_ms),
        "median_error_ms": float(np.median(errors_ms)),
        "goal_ms": FRAME_MS,
    }
    print(summary)
    write_evidence("alignment", {"label": label, "drift_ppm": DRIFT_PPM, "seed": STUDY.seed, **summary, "rows": rows})


def _row(found: Alignment, *, offset_s: float, end_s: float) -> dict[str, object]:
    best = found.estimate
    return {
        "participant": found.participant_id,
        "offset_s": offset_s,
        "source": found.source,
        "events": None if best is None else best.num_events,
        "residual_ms": None if best is None else round(best.rms_ms, 2),
        "band_ms": None if best is None else round(best.band_ms, 2),
        "worst_error_ms": None if best is None else _worst_error_ms(best, offset_s=offset_s, end_s=end_s),
        "by_source": {
            source: _worst_error_ms(outcome, offset_s=offset_s, end_s=end_s)
            if isinstance(outcome := found.outcomes[source], ClockEstimate)
            else outcome
            for source in SOURCES
        },
    }


def _worst_error_ms(estimate: ClockEstimate, *, offset_s: float, end_s: float) -> float:
    """Largest difference from the planted line between the first and the last sample of gaze."""
    gaze_s = np.array([0.0, end_s])
    face_s = (gaze_s - offset_s) / (1 + DRIFT_PPM * 1e-6)
    return round(1000 * float(np.abs(estimate.to_reference_s(face_s) - gaze_s).max()), 2)
