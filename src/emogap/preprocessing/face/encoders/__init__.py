"""The shelf of frame encoders.

An entry defines ``DIMENSION`` (D), ``CHANNELS`` (D names, dimensionless) and
``encode(frames: uint8 [F, 112, 112, 3]) -> float32 [F, D]``.
"""

from emogap.shelf import Shelf

__all__ = ["ENCODERS"]

ENCODERS = Shelf(
    "emogap.preprocessing.face.encoders", kind="frame encoder", defines=("DIMENSION", "CHANNELS", "encode")
)
