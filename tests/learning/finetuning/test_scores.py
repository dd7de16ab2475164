"""The scores of a comparison against numpy and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, r2_score

from emogap.learning.finetuning.scores import predictions_table, score_rows
from tests.learning.finetuning.conftest import Done


def test_values_are_scored_on_the_mean_of_the_seeds(vad: Done) -> None:
    rows = {row["row"]: row for row in score_rows(vad.compared, vad.job.windows, vad.job.split, draws=50)}
    label = vad.job.windows.label[vad.job.split.test, 1]
    told = vad.compared.told["pretrained"].mean(axis=0)[:, 1]
    found = rows["pretrained"]["metrics"]["arousal"]
    assert found["pearson_r"]["estimate"] == pytest.approx(np.corrcoef(label, told)[0, 1])
    assert found["r2"]["estimate"] == pytest.approx(r2_score(label, told))
    assert found["mae"]["estimate"] == pytest.approx(np.abs(label - told).mean())
    assert found["ccc"]["clusters"] == "2 people"
    assert rows["pretrained"]["num_seeds"] == 2
    assert rows["mean"]["metrics"]["arousal"]["pearson_r"]["estimate"] is None


def test_the_gain_is_against_the_same_network_from_random_weights(vad: Done) -> None:
    rows = {row["row"]: row for row in score_rows(vad.compared, vad.job.windows, vad.job.split, draws=50)}
    with_, without = (rows[row]["metrics"]["valence"]["ccc"]["estimate"] for row in ("pretrained", "random"))
    assert with_ is not None
    assert without is not None
    assert rows["pretrained"]["gain"]["valence"]["ccc"]["estimate"] == pytest.approx(with_ - without)
    assert rows["random"]["gain"] == {}


def test_classes_have_the_macro_f1_and_a_confusion(behaviour: Done) -> None:
    rows = {
        row["row"]: row for row in score_rows(behaviour.compared, behaviour.job.windows, behaviour.job.split, draws=50)
    }
    label = behaviour.job.windows.label[behaviour.job.split.test].argmax(axis=1)
    told = behaviour.compared.told["random"][0].argmax(axis=1)
    expected = f1_score(label, told, average="macro")
    assert rows["random"]["metrics"]["class"]["f1_macro"]["estimate"] == pytest.approx(expected)
    assert rows["random"]["confusion"] == confusion_matrix(label, told, labels=[0, 1, 2]).tolist()


def test_every_prediction_stands_in_the_table_once(vad: Done) -> None:
    table = predictions_table(vad.compared, vad.job.windows, vad.job.split)
    num_test = len(vad.job.split.test)
    assert table.height == (1 + 1 + 2 + 2 + 2) * 3 * num_test
    assert table.select("row", "fit", "recording_id", "stop_s", "output").n_unique() == table.height
    one = table.filter(row="pretrained", fit=1, output="dominance")
    np.testing.assert_array_equal(one["told"].to_numpy(), vad.compared.told["pretrained"][1, :, 2])
    assert set(one["participant_id"].to_list()) == {"104", "105"}
