"""The short form of slow_checks/adversary.py: one cohort, five epochs."""

from pathlib import Path

from slow_checks.adversary import WEIGHTS, check_weights


def test_the_reversed_loss_grows_with_the_papers_weights_and_not_with_the_defaults(tmp_path: Path) -> None:
    paper, default = (check_weights(tmp_path, 1000, alpha, beta, preset="quick", clip_s=3.0) for alpha, beta in WEIGHTS)
    assert paper["generic"] > default["generic"]
    assert default["task"] < paper["task"]
