"""The shelf of kinds of experiment.

An entry defines ``Options``, a frozen pydantic model that forbids unknown fields, with what stands under ``[options]``
in an experiment file, and ``run(options, place)``, which takes an
:class:`emogap.interfaces.experiments.kind.ExperimentPlace` and gives an
:class:`emogap.interfaces.experiments.kind.ExperimentResult`. It is resumable: called again after an interruption it
goes on, and what is finished is not computed again. An entry whose options name further data defines
``also_read(options, data)`` too, which gives their paths: they belong to the fingerprint of the experiment.
"""

from emogap.shelf import Shelf

__all__ = ["KINDS"]

KINDS = Shelf("emogap.interfaces.experiments.kinds", kind="kind of experiment", defines=("Options", "run"))
