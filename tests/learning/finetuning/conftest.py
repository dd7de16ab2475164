"""One comparison of both tasks in small, made once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from emogap.learning.finetuning.comparison import Compared, compare
from emogap.learning.finetuning.config import FinetuningConfig
from emogap.learning.finetuning.index_windows import windows_of_index
from emogap.learning.finetuning.people import PeopleSplit, split_people
from emogap.learning.finetuning.question import LABEL_FILE_QUESTIONS
from emogap.learning.finetuning.windows import LabelledWindows
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.models.glass.heads import HeadConfig
from tests.learning.finetuning.miniature import index_of, small_pretrained, videos_of, write_labels

QUICK = FinetuningConfig(head=HeadConfig(width=16, hidden=24), epochs=3, batch_size=16, head_learning_rate=0.01)


@dataclass(frozen=True)
class Job:
    """A task in small: windows, people, options, and the folder that its fits are in."""

    pretrained: Pretrained
    windows: LabelledWindows
    split: PeopleSplit
    config: FinetuningConfig
    folder: Path


@dataclass(frozen=True)
class Done:
    """A job and its comparison."""

    job: Job
    compared: Compared


def make_job(task: str, folder: Path, *, config: FinetuningConfig = QUICK) -> Job:
    videos = videos_of(task, num_people=6)
    folder.mkdir(parents=True, exist_ok=True)
    path = write_labels(folder / "labels.json", videos)
    windows = windows_of_index(index_of(videos), path, LABEL_FILE_QUESTIONS[task], window_frames=30)
    pretrained = small_pretrained(seen=["100", "101"])
    return Job(pretrained, windows, split_people(windows, pretrained, test=["104", "105"]), config, folder)


def run(job: Job) -> Done:
    compared = compare(job.pretrained, job.windows, job.split, job.config, folder=job.folder)
    return Done(job, compared)


@pytest.fixture(scope="session")
def vad(tmp_path_factory: pytest.TempPathFactory) -> Done:
    config = QUICK.model_copy(update={"num_seeds": 2})
    return run(make_job("vad", tmp_path_factory.mktemp("vad"), config=config))


@pytest.fixture(scope="session")
def behaviour(tmp_path_factory: pytest.TempPathFactory) -> Done:
    config = QUICK.model_copy(update={"epochs": 12})
    return run(make_job("behaviour", tmp_path_factory.mktemp("behaviour"), config=config))
