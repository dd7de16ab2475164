"""The questions that can be asked of a data set: one file each, named as on the command line but for ``_``.

Every file defines ``TITLE``, ``MEANING`` (what the label means, in one sentence), ``VIEW`` (whose statement is
scored), ``HEADS`` (view to protocol: which heads are trained together where the data label them, and which
protocol scores each), ``SPACE`` (label space, None for values) and ``TARGETS`` (one run each, unless joint). A file
may define ``MORE_METRICS``: scores that its field counts by, beside the usual ones for such labels.
"""

from dataclasses import dataclass

import numpy as np

from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import UnknownNameError, UsageError
from emogap.shelf import Shelf
from emogap.types import LabelView, Space, Target

__all__ = ["PROTOCOLS", "Protocol", "heads_carried", "open_protocol", "protocol_names", "require_labels"]

PROTOCOLS = Shelf(
    "emogap.learning.evaluation.protocols",
    kind="protocol",
    defines=("TITLE", "MEANING", "VIEW", "HEADS", "SPACE", "TARGETS"),
)


@dataclass(frozen=True, slots=True)
class Protocol:
    """A question: whose statement, in which words or on which scale.

    Attributes
    ----------
    name : str
        As on the command line: ``er-va``.
    title, meaning : str
    view : LabelView
        The view that is scored.
    heads : tuple of (LabelView, str)
        Views trained together where the data label them, and the protocol that scores each.
    space : Space or None
    targets : tuple of Target
    more_metrics : tuple of str
        Scores beside the usual ones for such labels.
    """

    name: str
    title: str
    meaning: str
    view: LabelView
    heads: tuple[tuple[LabelView, str], ...]
    space: Space | None
    targets: tuple[Target, ...]
    more_metrics: tuple[str, ...] = ()


def protocol_names() -> tuple[str, ...]:
    """Names of all protocols as on the command line."""
    return tuple(name.replace("_", "-") for name in PROTOCOLS.names())


def open_protocol(name: str) -> Protocol:
    """The protocol `name`, such as ``er-va``.

    Raises
    ------
    UnknownNameError
        If there is none of this name; the nearest is in the message.

    Examples
    --------
    >>> open_protocol("er-va").targets
    ('valence', 'arousal')
    """
    if name not in protocol_names():
        raise UnknownNameError("protocol", name, protocol_names())
    entry = PROTOCOLS.open(name.replace("-", "_"))
    return Protocol(
        name=name,
        title=entry.TITLE,
        meaning=entry.MEANING,
        view=entry.VIEW,
        heads=tuple(entry.HEADS.items()),
        space=entry.SPACE,
        targets=entry.TARGETS,
        more_metrics=getattr(entry, "MORE_METRICS", ()),
    )


def heads_carried(protocol: Protocol, dataset: Dataset) -> tuple[LabelView, ...]:
    """The views of the protocol's heads for which `dataset` labels at least one clip, in the order of LabelView.

    The order decides which random numbers a head starts from: in one order, ``er3`` and ``fer3`` are one training.
    """
    views = {protocol.view, *(view for view, _ in protocol.heads)}
    return tuple(view for view in LabelView if view in views and _labels_in(dataset, view, protocol))


def require_labels(protocol: Protocol, dataset: Dataset) -> None:
    """Raise unless `dataset` labels clips in the protocol's view, for every target.

    Raises
    ------
    UsageError
        Saying what the data carry, and which protocols that serves.
    """
    if _labels_in(dataset, protocol.view, protocol):
        return
    wanted = protocol.space or " and ".join(protocol.targets)
    served = [name for name in protocol_names() if _serves(name, dataset)]
    carried = [
        column
        for column in dataset.samples.columns
        if column.split("_")[0] in {view.value for view in LabelView}
        and dataset.samples[column].null_count() < dataset.samples.height
    ]
    raise UsageError(
        f"the protocol {protocol.name} needs labels of the view {protocol.view} ({wanted}), and no clip has any;"
        f" the data carry {', '.join(carried) or 'no label at all'}",
        where=str(dataset.path),
        fix=f"choose one of: {', '.join(served)}" if served else "build the data set from a source with labels",
    )


def _serves(name: str, dataset: Dataset) -> bool:
    protocol = open_protocol(name)
    return _labels_in(dataset, protocol.view, protocol)


def _labels_in(dataset: Dataset, view: LabelView, protocol: Protocol) -> bool:
    return all(
        bool(np.isfinite(label_array(dataset, view, target, protocol.space)).any()) for target in protocol.targets
    )
