"""Recordings cut into labelled samples, stored in a folder that is opened in no time.

Read in this order: ``channels`` (columns of every stream), ``samples`` (which time becomes which step),
``cutting`` (the road of raw gaze), ``plan`` and ``catalogue`` (what can be built), ``build`` (jobs),
``assemble`` and ``header`` (the folder), ``store`` (opening it), ``labels`` and ``measure_table`` (eye measures).
Then ``cells``, ``dealing``, ``split_file`` and ``splits`` (who is held out), ``alignment``, ``copies``, ``leakage`` and
``run_audit`` (what leaks).
"""

from emogap.datasets.build import BuildReport, build
from emogap.datasets.catalogue import CATALOGUE
from emogap.datasets.channels import Channel
from emogap.datasets.labels import label_array
from emogap.datasets.plan import BuildConfig
from emogap.datasets.store import Dataset, open_dataset

__all__ = [
    "CATALOGUE",
    "BuildConfig",
    "BuildReport",
    "Channel",
    "Dataset",
    "build",
    "label_array",
    "open_dataset",
]
