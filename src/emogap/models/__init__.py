"""Networks and floors that predict a label from a batch of clips. torch begins here.

Read in this order: ``batch`` (what goes in), ``interface`` (what every model promises), ``zoo`` (the shelf of
models), then ``losses``, ``heads`` and ``layers``.
"""

from emogap.models.zoo import ZOO

__all__ = ["ZOO"]
