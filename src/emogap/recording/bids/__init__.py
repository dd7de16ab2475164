"""Writing recordings as Eye-Tracking-BIDS 1.11, one pair of files per eye; ``readers.bids`` reads them back.

Read ``names`` (what files are called) first, then ``frames`` and ``columns`` (what they hold), ``writing`` (one
recording) and ``dataset`` (what stands around the recordings).

References
----------
BIDS 1.11.1, "Physiological recordings" and "Events": https://bids-specification.readthedocs.io/en/v1.11.1/
"""

from emogap.recording.bids.dataset import (
    BIDS_VERSION,
    DatasetDescription,
    write_dataset_files,
    write_derivative_description,
    write_participants,
)
from emogap.recording.bids.names import BidsName, subject_label
from emogap.recording.bids.trials import TrialColumn, TrialRow, write_events
from emogap.recording.bids.writing import Written, write_recording

__all__ = [
    "BIDS_VERSION",
    "BidsName",
    "DatasetDescription",
    "TrialColumn",
    "TrialRow",
    "Written",
    "subject_label",
    "write_dataset_files",
    "write_derivative_description",
    "write_events",
    "write_participants",
    "write_recording",
]
