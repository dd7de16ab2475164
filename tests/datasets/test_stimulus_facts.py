"""Light, motion and loudness of a stimulus, from its film or from its table."""

from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.stimulus_facts import stimulus_facts
from emogap.interfaces.video_writing import writing_video


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "stimuli").mkdir()
    (tmp_path / "stimuli" / "s1.luminance.tsv").write_text("time_s\tluminance\n0\t0.1\n0.5\t0.5\n2.0\t0.3\n")
    return tmp_path


def test_a_table_of_luminance_gives_mean_sd_and_change(study: Path) -> None:
    expected = {"luminance": 0.3, "luminance_sd": np.std([0.1, 0.5, 0.3]), "luminance_change_per_s": 0.3}
    assert stimulus_facts(study, "s1") == pytest.approx(expected)


def test_the_film_counts_where_it_is_there(study: Path) -> None:
    """Two seconds, black and white in turn every half second: three changes of all the light in 1.9 s."""
    with writing_video(study / "stimuli" / "s1.mp4") as write:
        for frame in range(40):
            write(frame / 20, np.full((64, 96, 3), 255 * (frame // 10 % 2), np.uint8))
    facts = stimulus_facts(study, "s1")
    assert facts["luminance"] == pytest.approx(0.5, abs=0.01)
    assert facts["luminance_change_per_s"] == pytest.approx(3 / 1.9, rel=0.02)
    assert facts["motion"] == pytest.approx(3 / 19, rel=0.02)
    assert "loudness_lufs" not in facts


def test_a_stimulus_without_film_and_table_has_no_facts(study: Path) -> None:
    assert stimulus_facts(study, "s2") == {}
