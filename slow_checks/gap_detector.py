"""Whether conformal sets of gap detectors hold the truth as often as stated, and how near detectors come to Bayes.

Cohorts are drawn with the functions of the simulation, cues and labels alone: no stream is made, and detectors see the
latent cues as they are. So the question is what *rules* reach, not what networks make of gaze and video. Two heads
are logistic regressions of felt and shown class on all cues; the gap head is one of the gap on the cues, their squares
and products; the face alone sees the face cues. Test people are a fifth of the cohort; everything is calibrated on
inner folds of the others, and the test people are predicted by the regressions of all folds; sets are made by one of
them for each person, or by all. Everybody sees the same stimuli or a draw of them, so the Bayes rule beside the
detectors knows the stimulus.
"""

import time

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from emogap.analysis.detector_scores import DETECTOR_SCORES
from emogap.analysis.gap_detector import (
    CellOutputs,
    calibrated,
    fit_two_heads,
    gap_from_shown,
    gap_rates,
    independent_gap,
)
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.posterior import gap_posterior, label_posterior
from emogap.simulation.raters import tone_probability
from emogap.simulation.truth import Truth, truth_of
from emogap.simulation.votes import voted_tone
from emogap.types import LabelView
from slow_checks._evidence import write_evidence

SIZES = ((24, 14, 14, 160), (121, 28, 28, 32), (121, 28, 11, 32))
"""People, stimuli, stimuli of each person, cohorts."""

LEVELS = (0.8, 0.9)
SETS = (("people", "one model"), ("people", "all models"), ("clips", "one model"))
"""Over whom, and by how many of the models that the inner folds gave."""

INNER_FOLDS = 5
SPACE, CLASSES = "emotion3", 3
JOBS = 2

Said = dict[str, tuple[np.ndarray, np.ndarray]]
"""What each detector says of the calibration clips, and what it says of the test clips in every inner fold."""


def draw_labels(truth: Truth, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Felt answers as drawn, and majorities of freshly drawn votes; class indices."""
    words = {"positive": 0, "negative": 1, "neutral": 2}
    felt = np.array([words[word] for word in truth.columns["felt_emotion3"].to_list()])
    shown, strength, raters = truth.emotions("shown_emotion7"), truth.values("strength"), truth.config.raters
    tones = np.concatenate([tone_probability(shown[row], strength[[row]], raters) for row in range(len(shown))])
    chance = voted_tone(tones, len(raters.expert_accuracy)).cumsum(axis=1)
    return felt, (rng.random((len(chance), 1)) > chance[:, :-1]).sum(axis=1)


def detector_outputs(truth: Truth, felt: np.ndarray, shown: np.ndarray) -> tuple[Said, np.ndarray, np.ndarray]:
    """What every detector says; which clips are of the training, and which of the test people."""
    people = np.unique(truth.columns["participant_id"].to_numpy(), return_inverse=True)[1]
    is_test = people % 5 == 0
    known, new = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    face = truth.vectors("face_cue")
    cues, gap = np.hstack([truth.vectors("eye_cue"), face]), felt != shown
    felt_said, shown_said = (_held_out(cues, label, people, known, new) for label in (felt, shown))
    heads = fit_two_heads(felt[known], shown[known], felt_said[0], shown_said[0])
    rates = gap_rates(gap[known], shown[known], num_classes=CLASSES)
    face_said = _held_out(face, shown, people, known, new)
    gap_said = _held_out(cues, gap.astype(int), people, known, new, products=True)
    bayes = gap_posterior(truth, SPACE, knows="stimulus")
    margins = independent_gap(
        *(label_posterior(truth, view, SPACE, knows="stimulus") for view in (LabelView.FELT, LabelView.SHOWN))
    )
    tested = np.stack([heads.apply(*said) for said in zip(felt_said[1], shown_said[1], strict=True)])
    two = heads.apply(felt_said[0], shown_said[0]), tested
    base = np.full(len(gap), gap[known].mean())
    said: Said = {
        "two heads, temperatures alone": two,
        "two heads": two,
        "gap head": (gap_said[0][:, 1], gap_said[1][:, :, 1]),
        "face alone, shown head": (gap_from_shown(face_said[0], rates), gap_from_shown(face_said[1], rates)),
        "base rate": (base[known], np.tile(base[new], (INNER_FOLDS, 1))),
        "Bayes": (bayes[known], np.tile(bayes[new], (INNER_FOLDS, 1))),
        "Bayes, margins as independent": (margins[known], np.tile(margins[new], (INNER_FOLDS, 1))),
    }
    return said, known, new


AS_THEY_ARE = ("two heads, temperatures alone", "base rate", "Bayes", "Bayes, margins as independent")
"""Detectors that are not recalibrated."""


def one_cohort(people: int, stimuli: int, each_sees: int, seed: int) -> list[dict[str, object]]:
    """Every score of every detector at every level, for every kind of sets, in one cohort."""
    config = SimulationConfig(participants=people, stimuli=stimuli, stimuli_per_participant=each_sees, seed=seed)
    truth = truth_of(draw_cohort(config))
    felt, shown = draw_labels(truth, np.random.default_rng([seed, people]))
    said, known, new = detector_outputs(truth, felt, shown)
    names, gap = truth.columns["participant_id"].to_numpy(), felt != shown
    rows: list[dict[str, object]] = []
    for name, (calibration, test) in said.items():
        outputs = CellOutputs(
            gap[known], calibration, names[known], _fold_of(names[known]), gap[new], test, names[new], f"cohort {seed}"
        )
        for level in LEVELS:
            for over, by in SETS:
                found = calibrated(
                    outputs,
                    level=level,
                    by_people=over == "people",
                    by_one_model=by == "one model",
                    recalibrate=name not in AS_THEY_ARE,
                )[0]
                scores = {score: function(found) for score, function in DETECTOR_SCORES.items()}
                rows.append(
                    {
                        "detector": name,
                        "level": level,
                        "over": over,
                        "by": by,
                        "correlation": correlation(test),
                        **scores,
                    }
                )
    return rows


def correlation(test: np.ndarray) -> float:
    """Mean Spearman correlation of what two models say of the test clips; NaN if they say the same of every clip."""
    if np.ptp(test, axis=1).min() == 0:
        return np.nan
    ranks = np.corrcoef([rankdata(said) for said in test])
    return float(ranks[np.triu_indices(len(test), 1)].mean())


def summary(people: int, stimuli: int, each_sees: int, repeats: int, *, jobs: int = JOBS) -> list[dict[str, object]]:
    """Means over cohorts, and the standard errors of the coverages."""
    every = Parallel(n_jobs=jobs)(delayed(one_cohort)(people, stimuli, each_sees, seed) for seed in range(repeats))
    return [_mean(rows, people, stimuli, each_sees) for rows in zip(*every, strict=True)]


def _mean(rows: tuple[dict[str, object], ...], people: int, stimuli: int, each_sees: int) -> dict[str, object]:
    first = rows[0]
    result: dict[str, object] = {
        "people": people, "stimuli": stimuli, "each_sees": each_sees, "cohorts": len(rows),
        "detector": first["detector"], "level": first["level"], "over": first["over"], "by": first["by"],
    }  # fmt: skip
    for score in ("correlation", *DETECTOR_SCORES):
        values = np.array([row[score] for row in rows], np.float64)
        values = values[np.isfinite(values)]
        result[score] = round(float(values.mean()), 4) if len(values) else None
        if score.startswith("coverage") and len(values) > 1:
            result[f"{score}_standard_error"] = round(float(values.std(ddof=1) / np.sqrt(len(values))), 4)
    return result


def _held_out(
    cues: np.ndarray,
    label: np.ndarray,
    people: np.ndarray,
    known: np.ndarray,
    new: np.ndarray,
    *,
    products: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the training clips, each from a fit without its person's fold, and of the test clips by all."""
    calibration, folds = np.zeros((len(known), int(label.max()) + 1)), _fold_of(people[known])
    test = []
    for fold in range(INNER_FOLDS):
        train, held = known[folds != fold], known[folds == fold]
        model = _fitted(cues[train], label[train], products)
        calibration[folds == fold] = model.predict_proba(cues[held])
        test.append(model.predict_proba(cues[new]))
    return calibration, np.stack(test)


def _fold_of(people: np.ndarray) -> np.ndarray:
    """The inner fold of each clip."""
    return np.unique(people, return_inverse=True)[1] % INNER_FOLDS


def _fitted(cues: np.ndarray, label: np.ndarray, products: bool):  # type: ignore[no-untyped-def]
    steps = [PolynomialFeatures(2, include_bias=False)] if products else []
    model = make_pipeline(StandardScaler(), *steps, LogisticRegression(C=0.1, solver="newton-cholesky"))
    return model.fit(cues, label)


def run() -> None:
    """Score every size; print and write coverage and the comparison."""
    started = time.perf_counter()
    rows = []
    for people, stimuli, each_sees, repeats in SIZES:
        found = summary(people, stimuli, each_sees, repeats)
        rows += found
        for row in found:
            print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    write_evidence(
        "gap_detector",
        {
            "space": SPACE,
            "sees": "latent cues, no streams",
            "promise": "each of the clips with and without a gap, of new people",
            "inner_folds": INNER_FOLDS,
            "detectors": rows,
            "seconds": round(time.perf_counter() - started),
        },
    )
