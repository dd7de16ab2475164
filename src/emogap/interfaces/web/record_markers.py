"""Markers of a session over the Lab Streaming Layer, for the other devices of a lab; pylsl where it is there."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

__all__ = ["OUTLET", "has_lsl", "open_outlet"]

OUTLET = "emogap-markers"


def has_lsl() -> bool:
    """Whether the package pylsl is installed."""
    return find_spec("pylsl") is not None


def open_outlet(source: str) -> Callable[[str], None]:
    """A function that sends a marker at once; it does nothing where pylsl is not installed.

    Parameters
    ----------
    source : str
        What sets this outlet apart from another of the same name on the network.

    References
    ----------
    Kothe et al. (2025), The lab streaming layer for synchronized multimodal recording, doi:10.1162/IMAG.a.136.
    """
    if not has_lsl():
        return lambda marker: None
    pylsl = import_module("pylsl")
    outlet = pylsl.StreamOutlet(pylsl.StreamInfo(OUTLET, "Markers", 1, 0, "string", source))

    def send(marker: str) -> None:
        outlet.push_sample([marker])

    return send
