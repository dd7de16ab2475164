"""The six scores of SIMS, worked out by hand on ten clips."""

import numpy as np
import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.scoring.sims import SIMS_METRICS, read_as_sims, shelf_metric, sims_score

LABEL = [-1.0, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.8, 1.0]
OUTPUT = [-1.6, -0.7, -0.9, -0.1, 0.3, 0.1, 0.0, 0.7, 0.71, 0.05]
# Two classes:   n     n     n     n    n    n    p    p    p    p
#                n     n     n     n    P    P    N    p    p    p    : 7 of 10 right
# Five classes:  0     0     1     1    1    2    3    3    4    4
#                0     0     0     1    3    2    2    3    4    2    : 6 of 10 right
# Three classes: 0     0     0     0    0    1    2    2    2    2
#                0     0     0     0    2    1    1    2    2    1    : 7 of 10 right


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sims_acc2", 7 / 10),
        ("sims_acc3", 7 / 10),
        ("sims_acc5", 6 / 10),
        # Negative: 4 right of 6 labelled, 5 put out; positive: 3 of 4, 5 put out.
        ("sims_f1", 0.6 * (2 * 4 / 11) + 0.4 * (2 * 3 / 9)),
        # The first output counts as -1, so that its error is 0.
        ("sims_mae", (0 + 0.1 + 0.3 + 0.3 + 0.5 + 0.1 + 0.2 + 0.3 + 0.09 + 0.95) / 10),
    ],
)
def test_a_score_is_what_counting_by_hand_gives(name: str, expected: float) -> None:
    assert sims_score(name, LABEL, OUTPUT) == pytest.approx(expected, abs=1e-12)


def test_corr_is_that_of_the_clipped_values() -> None:
    clipped = [-1.0, *OUTPUT[1:]]
    assert sims_score("sims_corr", LABEL, OUTPUT) == pytest.approx(np.corrcoef(LABEL, clipped)[0, 1], abs=1e-12)
    assert sims_score("sims_corr", LABEL, OUTPUT) != pytest.approx(np.corrcoef(LABEL, OUTPUT)[0, 1], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "edges", "classes"),
    [
        ("sims_acc2", [0.0], [0]),
        ("sims_f1", [0.0], [0]),
        ("sims_acc3", [-0.1, 0.1], [0, 1]),
        ("sims_acc5", [-0.7, -0.1, 0.1, 0.7], [0, 1, 2, 3]),
    ],
)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_an_edge_belongs_to_the_class_below_it(
    name: str, edges: list[float], classes: list[int], kind: type[np.floating]
) -> None:
    """As single or as double: 0.1 stored as a single is larger than 0.1 stored as a double."""
    at = np.array(edges, kind)
    assert read_as_sims(name, at).tolist() == classes
    assert read_as_sims(name, at + kind(1e-4)).tolist() == [number + 1 for number in classes]
    assert read_as_sims(name, at - kind(1e-4)).tolist() == classes


def test_the_ends_of_the_scale_are_the_outermost_classes() -> None:
    assert read_as_sims("sims_acc5", [-1.0, 1.0, -7.0, 7.0]).tolist() == [0, 4, 0, 4]


def test_other_metrics_keep_their_name() -> None:
    assert {shelf_metric(name) for name in SIMS_METRICS} == {"war", "f1_weighted", "mae", "pearson_r"}
    assert shelf_metric("uar") == "uar"


def test_an_unknown_score_is_named() -> None:
    with pytest.raises(UnknownNameError, match="sims_acc5"):
        sims_score("sims_acc6", LABEL, OUTPUT)


def test_a_prediction_that_is_not_a_number_is_refused() -> None:
    for name in SIMS_METRICS:
        with pytest.raises(UsageError, match="not finite"):
            sims_score(name, [0.5, -0.5], [np.nan, 0.2])
