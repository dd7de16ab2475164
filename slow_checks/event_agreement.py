"""Our fixations against Tobii's own event column on all of Uniss-FGD."""

from benchmarks.event_agreement import DATA, measure, print_table, recordings_in
from slow_checks._evidence import write_evidence


def run() -> None:
    result = measure(recordings_in(DATA))
    print_table(result)
    write_evidence("event_agreement", {"data": "Uniss-FGD, 80 images x 16 participants", **result})
