"""From what a network puts out to what is told, and back."""

import numpy as np

from emogap.learning.finetuning.question import Question


def test_values_are_told_on_their_scale_and_within_it() -> None:
    question = Question("felt-va", "values", ("valence", "arousal"), -1.0, 1.0)
    told = question.given(np.array([[0.5, 0.75], [1.5, -0.2]], np.float32))
    np.testing.assert_allclose(told, [[0.0, 0.5], [1.0, -1.0]])


def test_aims_and_what_is_told_are_inverse() -> None:
    question = Question("fer-int", "values", ("intensity",), 0.0, 3.0)
    label = np.array([[0.0], [1.2], [3.0]])
    np.testing.assert_allclose(question.given(question.aimed(label)), label)


def test_classes_are_told_as_probabilities() -> None:
    question = Question("behaviour", "classes", ("laugh", "cry", "sigh"))
    told = question.given(np.array([[0.0, np.log(2.0), 1000.0], [0.0, np.log(2.0), -1000.0]]))
    np.testing.assert_allclose(told, [[0, 0, 1], [1 / 3, 2 / 3, 0]], atol=1e-12)
