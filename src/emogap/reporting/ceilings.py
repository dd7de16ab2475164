"""Which of a simulated study's best possible scores belongs beside which split."""

from emogap.types.scores import ScoreTable

__all__ = ["BEST_POSSIBLE", "ceiling_under"]

BEST_POSSIBLE = "best possible"
"""What the row of a ceiling is called."""

STIMULUS_KNOWN = "_stimulus_known"


def ceiling_under(table: ScoreTable, split: str) -> dict[str, float]:
    """Best possible score of each metric under `split`; empty for real people.

    Under ``person+stimulus`` the best possible prediction knows nothing of the person or the stimulus; under the
    other splits it knows what the stimulus does to people, from infinitely many others who saw it.
    """
    ceiling = table["ceiling"]
    names = [name for name in table["metrics"] if name in ceiling]
    if split == "person+stimulus":
        return {name: ceiling[name] for name in names}
    return {name: ceiling.get(f"{name}{STIMULUS_KNOWN}", ceiling[name]) for name in names}
