"""``physioevents``: fixations, saccades and blinks of every method, and the messages of the device."""

from collections.abc import Sequence

import numpy as np
import polars

from emogap.recording.bids.tables import escape_text
from emogap.types import EyeEvents, Message

__all__ = ["EVENT_COLUMNS", "event_lists", "event_table"]

EVENT_COLUMNS = {
    "onset": {"Description": "Time of the first sample of the event, or of the message.", "Units": "s"},
    "duration": {"Description": "Duration of the event, one sampling interval after its last sample.", "Units": "s"},
    "trial_type": {
        "Description": "Kind of eye movement; n/a for a message.",
        "Levels": {"fixation": "Fixation", "saccade": "Saccade", "blink": "Blink"},
    },
    "message": {"Description": "Message of the device, escaped as in JSON; n/a for eye movements."},
    "method": {"Description": "Who found the event: the device's own software, or an algorithm."},
    "x_centre": {"Description": "Mean x of the event, in the frame of its method (EventLists of the physio file)."},
    "y_centre": {"Description": "Mean y of the event, in the same frame."},
    "amplitude": {"Description": "Amplitude of a saccade.", "Units": "deg"},
    "offset": {"Description": "End of the event: onset + duration, before rounding.", "Units": "s"},
    "number": {"Description": "Place of the row in the lists of the methods, one after the other, then messages."},
}
"""Columns of the table in their order, with their entries in the sidecar."""


def event_table(events: Sequence[EyeEvents], messages: Sequence[Message]) -> polars.DataFrame:
    """All events and messages, sorted by onset; empty if there is none."""
    num_messages = len(messages)
    message_s = np.array([message.time_s for message in messages], dtype=np.float64)
    unknown = np.full(num_messages, np.nan)
    onset_s = np.concatenate([*(found.onset_s for found in events), message_s])
    offset_s = np.concatenate([*(found.offset_s for found in events), unknown])
    centre = np.concatenate([*(found.centre for found in events), np.full((num_messages, 2), np.nan)])
    kinds = [kind for found in events for kind in found.kind.tolist()]
    methods = [found.method for found in events for _ in range(len(found.kind))]
    texts = [escape_text(message.text) for message in messages]
    blank: list[str | None] = [None] * num_messages
    table = polars.DataFrame(
        {
            "onset": onset_s,
            "duration": offset_s - onset_s,
            "trial_type": polars.Series([*kinds, *blank], dtype=polars.String),
            "message": polars.Series([*([None] * len(kinds)), *texts], dtype=polars.String),
            "method": polars.Series([*methods, *blank], dtype=polars.String),
            "x_centre": centre[:, 0],
            "y_centre": centre[:, 1],
            "amplitude": np.concatenate([*(found.amplitude_deg for found in events), unknown]),
            "offset": offset_s,
            "number": np.arange(len(onset_s)),
        }
    )
    return table.sort("onset", maintain_order=True)


def event_lists(events: Sequence[EyeEvents]) -> list[dict[str, object]]:
    """What tells the lists apart when they are read again: method, frame and number of events of each."""
    return [{"Method": found.method, "Frame": found.frame, "NumEvents": len(found.kind)} for found in events]
