"""Markers of a session over the Lab Streaming Layer, for the other devices of a lab; pylsl where it is there."""

import logging
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Protocol

__all__ = ["OUTLET", "SendMarker", "has_lsl", "open_outlet"]

log = logging.getLogger(__name__)

OUTLET = "emogap-markers"


class SendMarker(Protocol):
    """Sends a marker that is `age_s` old: its time on the clock of the layer is that long ago."""

    def __call__(self, marker: str, /, *, age_s: float = 0.0) -> None:
        """Send it."""


def has_lsl() -> bool:
    """Whether the package pylsl is installed and finds the library that it needs."""
    return _layer() is not None


def open_outlet(source: str) -> SendMarker:
    """A function that sends a marker at once; it does nothing where pylsl is not installed or finds no library.

    Parameters
    ----------
    source : str
        What sets this outlet apart from another of the same name on the network.

    References
    ----------
    Kothe et al. (2025), The lab streaming layer for synchronized multimodal recording, doi:10.1162/IMAG.a.136.
    """
    pylsl = _layer()
    if pylsl is None:
        return _send_nothing
    outlet = pylsl.StreamOutlet(pylsl.StreamInfo(OUTLET, "Markers", 1, 0, "string", source))

    def send(marker: str, /, *, age_s: float = 0.0) -> None:
        outlet.push_sample([marker], pylsl.local_clock() - age_s)

    return send


def _send_nothing(marker: str, /, *, age_s: float = 0.0) -> None:
    """What stands for an outlet where there is no layer."""


def _layer() -> ModuleType | None:
    if find_spec("pylsl") is None:
        return None
    try:
        return import_module("pylsl")
    except (ImportError, OSError, RuntimeError) as error:
        # The package is there without the library liblsl: it then raises RuntimeError when it is imported.
        log.warning("pylsl cannot be used: %s", error)
        return None
