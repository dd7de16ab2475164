"""A build that is killed with SIGKILL in the middle and started again gives the bytes of one that ran through."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from emogap.datasets.build import WORK
from emogap.simulation import SimulationConfig, simulate_study

PARTICIPANTS, STIMULI = 60, 4
PATIENCE_S = 120


def start_build(study: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from emogap.interfaces.cli import main; main()"]
    return subprocess.Popen(
        [*command, "build", str(study), str(out), "--jobs", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def kill_in_the_middle(build: subprocess.Popen[bytes], out: Path) -> int:
    """Kill the build and its workers once a tenth of the sessions are done; how many were."""
    deadline = time.monotonic() + PATIENCE_S
    while (done := len(list(out.glob(f"{WORK}/*.npz")))) < PARTICIPANTS // 10:
        assert build.poll() is None, "the build ended before it could be killed"
        assert time.monotonic() < deadline, "the build does not get on"
        time.sleep(0.01)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    return done


def test_a_killed_build_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    study = tmp_path / "study"
    config = SimulationConfig(participants=PARTICIPANTS, stimuli=STIMULI, clip_s=3, video=False, seed=5)
    simulate_study(study, config, jobs=2)
    assert start_build(study, tmp_path / "whole").wait() == 0

    killed = tmp_path / "killed"
    done = kill_in_the_middle(start_build(study, killed), killed)
    assert done < PARTICIPANTS
    assert not (killed / "dataset.toml").exists()
    assert start_build(study, killed).wait() == 0
    assert files_of(killed) == files_of(tmp_path / "whole")
