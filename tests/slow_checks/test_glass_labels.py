"""Labels that several folds tell, scored together."""

import numpy as np
import pytest

from emogap.learning.finetuning.question import Question
from emogap.learning.finetuning.windows import LabelledWindows
from slow_checks._glass_labels import scored_over_folds

NUM_WINDOWS = 12
PEOPLE = tuple(f"p{number // 3}" for number in range(NUM_WINDOWS))


def windows_of(question: Question, label: np.ndarray) -> LabelledWindows:
    """Windows of four people whose gaze nothing depends on."""
    return LabelledWindows(
        name="made-up",
        question=question,
        gaze=np.zeros((NUM_WINDOWS, 5, 2), np.float32),
        valid=np.ones((NUM_WINDOWS, 5), bool),
        label=label,
        people=PEOPLE,
        recordings=tuple(f"r{number}" for number in range(NUM_WINDOWS)),
        start_s=np.zeros(NUM_WINDOWS),
        stop_s=np.ones(NUM_WINDOWS),
        channels=("gaze_x_deg", "gaze_y_deg"),
        rate_hz=5.0,
        simulated=True,
        fingerprint="made-up",
    )


def test_values_of_all_folds_are_scored_together_whatever_their_order() -> None:
    rng = np.random.default_rng(0)
    label = rng.uniform(-1, 1, (NUM_WINDOWS, 1))
    windows = windows_of(Question("felt-va", "values", ("valence",), -1.0, 1.0), label)
    rows = [np.arange(6, 12), np.arange(6)]
    noise = rng.normal(0, 0.5, (NUM_WINDOWS, 1))
    told = [
        {"mean": np.zeros((1, 6, 1)), "random": (label[part] + noise[part])[None], "pretrained": label[part][None]}
        for part in rows
    ]
    found = scored_over_folds(windows, told, rows)
    assert (found["windows"], found["people"]) == (12, 4)
    scores = found["rows"]
    assert scores["pretrained"]["valence"]["ccc"]["estimate"] == pytest.approx(1.0)
    expected = np.corrcoef(label[:, 0], label[:, 0] + noise[:, 0])[0, 1]
    assert scores["random"]["valence"]["pearson_r"]["estimate"] == pytest.approx(expected)
    gain = found["differences"]["random"]["valence"]
    assert gain["mae"]["estimate"] == pytest.approx(-np.abs(noise).mean())
    assert found["differences"]["mean"]["valence"]["r2"]["estimate"] == pytest.approx(
        1 - scores["mean"]["valence"]["r2"]["estimate"]
    )
    assert set(found["differences"]) == {"mean", "random"}


def test_classes_have_a_confusion_per_row_over_all_folds() -> None:
    classes = np.tile([0, 1, 2, 1], 3)
    label = np.eye(3)[classes]
    windows = windows_of(Question("target3", "classes", ("negative", "neutral", "positive")), label)
    rows = [np.array([0, 1, 2, 3, 4, 5, 6]), np.array([7, 8, 9, 10, 11])]
    neutral = np.array([0.1, 0.8, 0.1])
    told = [
        {"statistics": np.tile(neutral, (1, len(part), 1)), "pretrained": np.stack([label[part], label[part]])}
        for part in rows
    ]
    found = scored_over_folds(windows, told, rows)
    assert found["confusion"]["statistics"] == [[0, 3, 0], [0, 6, 0], [0, 3, 0]]
    assert found["confusion"]["pretrained"] == [[3, 0, 0], [0, 6, 0], [0, 0, 3]]
    assert found["differences"]["statistics"]["class"]["uar"]["estimate"] == pytest.approx(2 / 3)
