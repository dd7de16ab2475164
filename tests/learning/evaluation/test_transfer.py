"""One data set learnt from, another tested on: what they share, what is lost, and who is refused."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.assemble import assemble
from emogap.datasets.channels import Channel
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.samples import SampledStream
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import MismatchError, UsageError
from emogap.interfaces.experiments.running import run_experiment
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.evaluation.shared_ground import shared_ground
from emogap.learning.evaluation.transfer import score_transfer, transfer_predictions
from emogap.learning.experiment import BenchSettings
from emogap.reporting.experiments import open_experiment
from emogap.types import EmotionLabel, LabelView, SampleKey

ER3 = open_protocol("er3")
GAZE = (Channel("gaze_x_deg", "deg"), Channel("gaze_y_deg", "deg"))
PUPIL = Channel("pupil_l_mm", "mm")
STIMULI, STEPS = 6, 7

MakeDataset = Callable[..., Dataset]


@pytest.fixture
def make_dataset(tmp_path: Path) -> MakeDataset:
    def make(
        name: str,
        *,
        people: int = 9,
        channels: Sequence[Channel] = (*GAZE, PUPIL),
        steps: int = STEPS,
        shift: float = 0.0,
        seed: int = 0,
        view: LabelView = LabelView.FELT,
        classes: int = 3,
        more: str | None = None,
    ) -> Dataset:
        """Each class raises the gaze by 3; `shift` lies on every value, as between two devices."""
        rng = np.random.default_rng(seed)
        clips = []
        for person in range(people):
            for stimulus in range(STIMULI):
                key = SampleKey(name, f"r{person}-{stimulus}", f"p{person}", f"s{stimulus}", f"s{stimulus}", 0.0, 8.0)
                felt = int(rng.integers(0, classes))
                values = {channel.name: rng.standard_normal(steps) + shift for channel in channels}
                values["gaze_x_deg"] = values["gaze_x_deg"] + 3 * felt
                eye = np.stack([values[channel.name] for channel in channels], axis=1).astype(np.float32)
                streams = {"eye": SampledStream(eye, np.ones(steps, bool), tuple(channels))}
                if more:
                    streams[more] = SampledStream(eye[:, :2].copy(), np.ones(steps, bool), GAZE)
                clips.append(Clip(key, streams, (EmotionLabel(view, {"emotion3": np.eye(3)[felt]}),)))
        folder = tmp_path / name
        write_part(folder / "part.npz", Cut(tuple(clips)))
        plan = Plan(name, ())
        assemble(folder / "D", plan, BuildConfig(), [folder / "part.npz"], [], source_fingerprint="0" * 16)
        return open_dataset(folder / "D")

    return make


def test_a_cue_that_both_share_carries_over(make_dataset: MakeDataset, tmp_path: Path) -> None:
    ground = shared_ground(make_dataset("one"), make_dataset("two", people=7, seed=5), ER3)
    settings = BenchSettings(models=("linear",), preset="quick", folds=2)
    predictions = transfer_predictions(ground, ER3, settings, folder=tmp_path / "fits")
    (scores,) = score_transfer(predictions, ER3, ("linear",), scoring=Scoring(draws=99))
    across = {row["model"]: row["metrics"]["uar"]["pooled"]["estimate"] for row in scores.across}
    assert (scores.num_clips, scores.num_people) == (7 * STIMULI, 7)
    assert across["linear"] is not None
    assert across["linear"] > 0.9
    assert across["majority"] == pytest.approx(1 / 3)
    assert scores.loss["majority"]["estimate"] is not None
    assert predictions.filter(split="across")["dataset"].unique().to_list() == ["two"]


def test_the_scale_is_that_of_the_training_data(make_dataset: MakeDataset, tmp_path: Path) -> None:
    """Another device's offset is not standardised away: that would be looking at the test data."""
    ground = shared_ground(make_dataset("one"), make_dataset("two", people=12, seed=5, shift=20.0), ER3)
    settings = BenchSettings(models=("linear",), preset="quick", folds=3)
    predictions = transfer_predictions(ground, ER3, settings, folder=tmp_path / "fits")
    (scores,) = score_transfer(predictions, ER3, ("linear",), scoring=Scoring(draws=99))
    across, within = (rows[0]["metrics"]["uar"]["pooled"]["estimate"] for rows in (scores.across, scores.within))
    assert across is not None
    assert within is not None
    assert across < 0.5 < 0.75 < within
    loss = scores.loss["linear"]
    assert loss["low"] is not None
    assert loss["low"] > 0.2


def test_the_same_people_ids_are_other_people(make_dataset: MakeDataset) -> None:
    ground = shared_ground(make_dataset("one"), make_dataset("two", people=7), ER3)
    assert "7 participant ids occur in both; they are taken for different people" in ground.doubts
    assert not set(ground.train.keys) & set(ground.test.keys)


def test_every_channel_and_stream_that_is_lost_is_named(make_dataset: MakeDataset) -> None:
    change = Channel("pupil_l_mm", "mm change per sample")
    one = make_dataset("one", channels=(*GAZE, PUPIL), more="head")
    two = make_dataset("two", channels=(Channel("origin_l_z_mm", "mm"), GAZE[1], change, GAZE[0]))
    ground = shared_ground(one, two, ER3)
    assert ground.lost == (
        "stream head: one has it, two has not",
        "stream eye: only two has origin_l_z_mm",
        "stream eye: pupil_l_mm is in mm in one, in mm change per sample in two",
    )
    assert ground.test.channels["eye"] == GAZE
    np.testing.assert_array_equal(ground.test.streams["eye"], two.streams["eye"][..., [3, 1]])


def test_a_class_that_one_lacks_is_named(make_dataset: MakeDataset) -> None:
    two, three = make_dataset("two", classes=2), make_dataset("three")
    (unlearnt,) = shared_ground(two, three, ER3).lost
    (untested,) = shared_ground(three, two, ER3).lost
    assert unlearnt == "class neutral: two has no clip of it, so that no model learns it; it counts in the scores"
    assert untested == "class neutral: two has no clip of it; it is not in the UAR"


def test_other_steps_leave_nothing_in_common(make_dataset: MakeDataset) -> None:
    with pytest.raises(MismatchError, match="7 steps in one, 5 in two"):
        shared_ground(make_dataset("one"), make_dataset("two", steps=5), ER3)


def test_labels_of_another_view_are_refused_with_what_there_is(make_dataset: MakeDataset) -> None:
    with pytest.raises(UsageError, match=r"needs labels of the view felt .* the data carry target_emotion3"):
        shared_ground(make_dataset("one"), make_dataset("two", view=LabelView.TARGET), ER3)


def test_a_data_set_is_not_tested_on_itself(make_dataset: MakeDataset) -> None:
    one = make_dataset("one")
    with pytest.raises(MismatchError, match="the one has 54 clips of the other"):
        shared_ground(one, one, ER3)


def test_the_kind_names_what_is_lost_beside_the_scores(make_dataset: MakeDataset, tmp_path: Path) -> None:
    one, _ = make_dataset("one", channels=(*GAZE, PUPIL)), make_dataset("two", channels=GAZE, people=7, seed=3)
    file = tmp_path / "across.toml"
    file.write_text(
        'schema = 1\nname = "across"\ntitle = "Across"\nkind = "transfer"\n[options]\nprotocols = ["er3"]\n'
        'test = "../two/D"\nmodels = ["linear"]\npreset = "quick"\nfolds = 2\ndraws = 99\n'
    )
    run_experiment(file, one.path, tmp_path / "R")
    stored = open_experiment(tmp_path / "R" / "across")
    (table,) = stored.tables
    assert [row[0]["value"] for row in table["rows"]] == ["linear", "majority"]
    assert "Lost: stream eye: only one has pupil_l_mm." in table["notes"]
    assert "42 clips of 7 people of two" in table["caption"]
