"""The shelf of sources that can be built: one file per data set.

An entry defines ``plan(source, config) -> Plan``, which looks over a source without reading its recordings,
and ``cut(name, job, config) -> Cut``, which reads one recording, cleans it and cuts it into clips. Whatever
holds raw gaze walks ``open_recordings`` -> ``preprocessing`` -> ``samples``; no entry turns a file into
features by itself. A model never sees absolute time or the order of presentation.
"""

from emogap.shelf import Shelf

__all__ = ["CATALOGUE"]

CATALOGUE = Shelf("emogap.datasets.catalogue", kind="catalogue entry", defines=("plan", "cut"))
