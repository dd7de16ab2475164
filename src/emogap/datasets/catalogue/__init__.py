"""The shelf of sources that can be built: one file per data set.

An entry defines ``plan(source, config) -> Plan``, which looks over a source without reading its recordings,
and ``cut(name, job, config) -> Cut``, which reads one recording, cleans it and cuts it into clips. Whatever
holds raw gaze walks ``open_recordings`` -> ``preprocessing`` -> ``samples``; no entry turns a file into
features by itself. A model never sees absolute time or the order of presentation.

An entry may define ``participants(source)``, what the source says of its people
(:data:`emogap.datasets.participants.Traits`), and ``stimulus_facts(source)``, by stimulus id what can be measured of
its stimuli (:data:`emogap.datasets.stimulus_facts.STIMULUS_FACTS`). Both are carried beside the samples; no model sees
them.
"""

from emogap.shelf import Shelf

__all__ = ["CATALOGUE"]

CATALOGUE = Shelf("emogap.datasets.catalogue", kind="catalogue entry", defines=("plan", "cut"))
