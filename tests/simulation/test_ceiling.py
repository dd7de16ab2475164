from itertools import product

import numpy as np
import pytest

from emogap.errors import DataError, UsageError
from emogap.simulation import bayes_ceiling
from emogap.simulation.ceiling import ceiling_table
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.posterior import label_posterior
from emogap.simulation.truth import Truth, truth_of
from emogap.types import VOCABULARIES, LabelView

VIEWS = (LabelView.FELT, LabelView.SHOWN)
SPACES = ("emotion3", "emotion7")


def drawn(**options: float) -> Truth:
    return truth_of(draw_cohort(SimulationConfig.model_validate({"participants": 30, "stimuli": 42, **options})))


@pytest.fixture(scope="module")
def truth() -> Truth:
    return drawn()


@pytest.mark.parametrize(("view", "space"), list(product(VIEWS, SPACES)))
def test_posteriors_are_distributions_over_the_vocabulary(truth: Truth, view: LabelView, space: str) -> None:
    posterior = label_posterior(truth, view, space)
    assert posterior.shape == (30 * 42, len(VOCABULARIES[space]))
    assert posterior.sum(axis=1) == pytest.approx(1)
    assert posterior.min() >= 0


@pytest.mark.parametrize(("space", "name"), [("emotion7", "felt_emotion7"), ("emotion3", "felt_emotion3")])
def test_posteriors_are_calibrated_against_the_labels_that_were_drawn(space: str, name: str) -> None:
    """Of all class probabilities near p, a share p comes true: checked in four bins, effects of stimuli off."""
    truth = drawn(stimulus_effect=0, person_effect=0, participants=60)
    posterior = label_posterior(truth, LabelView.FELT, space)
    words = VOCABULARIES[space]
    came_true = np.array([words.index(word) for word in truth.columns[name].to_list()])[:, None] == np.arange(
        len(words)
    )
    for low, high in ((0.05, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)):
        here = (posterior >= low) & (posterior < high)
        expected = posterior[here].mean()
        assert came_true[here].mean() == pytest.approx(expected, abs=4 * np.sqrt(0.25 / here.sum()))


def test_more_knowledge_never_lowers_the_ceiling(truth: Truth) -> None:
    for view, space in product(VIEWS, SPACES):
        scores = [bayes_ceiling(truth, view, space, knows=knows).war for knows in ("neither", "stimulus", "both")]
        assert scores[0] <= scores[1] + 0.01
        assert scores[1] <= scores[2] + 0.01


def test_all_cues_are_worth_more_than_some_of_them(truth: Truth) -> None:
    for view in VIEWS:
        every = bayes_ceiling(truth, view, "emotion7").uar
        assert every > bayes_ceiling(truth, view, "emotion7", cues="face").uar
        assert every > bayes_ceiling(truth, view, "emotion7", cues="eyes").uar


def test_the_ceiling_rises_with_the_signal() -> None:
    scores = [bayes_ceiling(drawn(signal=signal), LabelView.FELT, "emotion7").uar for signal in (0.5, 1.0, 2.0)]
    assert scores == sorted(scores)
    assert scores[0] < scores[2] - 0.2


def test_without_signal_nothing_can_be_told_of_new_people_and_films() -> None:
    silent = drawn(signal=0.0)
    for view, space in product(VIEWS, SPACES):
        assert bayes_ceiling(silent, view, space).uar == pytest.approx(1 / len(VOCABULARIES[space]))


def test_without_signal_a_film_that_was_seen_before_still_tells_its_label() -> None:
    silent = drawn(signal=0.0)
    assert bayes_ceiling(silent, LabelView.FELT, "emotion3", knows="stimulus").uar > 0.45


def test_the_rule_reaches_on_drawn_labels_what_was_expected(truth: Truth) -> None:
    for view, space in product(VIEWS, SPACES):
        ceiling = bayes_ceiling(truth, view, space, knows="both")
        assert ceiling.war_reached == pytest.approx(ceiling.war, abs=4 * np.sqrt(0.25 / ceiling.num_clips))


def test_no_rule_from_the_cues_beats_the_bayes_rule(truth: Truth) -> None:
    """A generative classifier fitted to the very labels and cues that it is scored on: WAR below the oracle's."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    cues = np.hstack([truth.vectors("eye_cue"), truth.vectors("face_cue")])
    label = truth.emotions("felt_emotion7")
    people = np.repeat(np.arange(30), 42)
    films = np.tile(np.arange(42), 30)
    right = []
    for person, film in product(range(3), range(3)):
        test = (people % 3 == person) & (films % 3 == film)
        train = (people % 3 != person) & (films % 3 != film)
        fitted = LinearDiscriminantAnalysis().fit(cues[train], label[train])
        right.append(fitted.predict(cues[test]) == label[test])
    reached = np.concatenate(right).mean()
    ceiling = bayes_ceiling(truth, LabelView.FELT, "emotion7").war
    assert ceiling - 0.12 < reached < ceiling


def test_the_published_table_is_aggregate_and_complete(truth: Truth) -> None:
    table = ceiling_table(truth)
    assert set(table) == {"felt/emotion3", "felt/emotion7", "shown/emotion3", "shown/emotion7"}
    for numbers in table.values():
        assert {"war", "uar", "war_oracle", "uar_stimulus_known", "uar_eyes", "uar_face", "uar_reached"} <= set(numbers)
        assert all(0 < value <= 1 for value in numbers.values())


def test_a_study_without_videos_has_the_ceiling_of_the_eyes() -> None:
    faceless = drawn(video=False)
    table = ceiling_table(faceless)
    eyes = bayes_ceiling(faceless, LabelView.FELT, "emotion3", cues="eyes")
    assert table["felt/emotion3"]["uar"] == pytest.approx(eyes.uar, abs=1e-4)
    assert not any(name.endswith("_face") for name in table["felt/emotion3"])


def test_there_is_no_ceiling_for_the_target(truth: Truth, tmp_path) -> None:
    with pytest.raises(UsageError, match="target/emotion7"):
        bayes_ceiling(truth, LabelView.TARGET, "emotion7")
    with pytest.raises(DataError, match=r"no truth\.parquet"):
        bayes_ceiling(tmp_path, LabelView.FELT, "emotion7")
