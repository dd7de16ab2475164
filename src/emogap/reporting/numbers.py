"""How a number is written: the same in the terminal, in Markdown and on the page."""

import math
from decimal import ROUND_HALF_UP, Decimal

from emogap.types.scores import IntervalRecord

__all__ = ["METRIC_TITLES", "NOTHING", "interval", "p_value", "plain", "rounded", "short", "signed", "signed_interval"]

NOTHING = "-"
"""A number that does not exist."""

METRIC_TITLES = {
    "war": "WAR",
    "uar": "UAR",
    "f1_weighted": "F1",
    "f1_macro": "F1 macro",
    "mae": "MAE",
    "mse": "MSE",
    "rmse": "RMSE",
    "ccc": "CCC",
    "pearson_r": "r",
    "r2": "R2",
    "sims_acc2": "Acc-2",
    "sims_acc3": "Acc-3",
    "sims_acc5": "Acc-5",
    "sims_f1": "F1 SIMS",
    "sims_mae": "MAE SIMS",
    "sims_corr": "r SIMS",
}
"""Headings of columns; F1 is weighted by support."""


def rounded(value: float, *, digits: int, is_share: bool = False) -> str:
    """A number rounded as its shortest decimal form is read; halves go away from zero, and -0 is 0.

    Parameters
    ----------
    value : float
        Finite.
    digits : int
        After the point.
    is_share : bool
        Whether the number is a share to be written in percent; it is moved by two places, not multiplied.

    Examples
    --------
    >>> rounded(0.125, digits=2), rounded(2.675, digits=2), rounded(0.285, digits=0, is_share=True)
    ('0.13', '2.68', '29')
    """
    exact = Decimal(repr(float(value))).scaleb(2 if is_share else 0)
    text = f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
    return text.removeprefix("-") if float(text) == 0 else text


def plain(value: float | None, *, digits: int = 2) -> str:
    """A number with two digits.

    Examples
    --------
    >>> plain(0.666), plain(None), plain(-0.001)
    ('0.67', '-', '0.00')
    """
    if value is None:
        return NOTHING
    return rounded(value, digits=digits) if math.isfinite(value) else str(value)


def short(value: float | None, *, digits: int = 2) -> str:
    """A number without the zero before its point, for limits of intervals.

    Examples
    --------
    >>> short(0.5), short(-0.25), short(1.0)
    ('.50', '-.25', '1.0')
    """
    text = plain(value, digits=digits)
    if value is not None and abs(float(text)) == 1:
        return text[: text.index(".") + 2]
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def interval(record: IntervalRecord) -> str:
    """An estimate with its limits.

    Examples
    --------
    >>> record = {"estimate": 0.441, "low": 0.392, "high": 0.5, "level": 0.95, "method": "bca", "clusters": "",
    ...           "draws": 10, "undefined_draws": 0}
    >>> interval(record)
    '0.44 [.39 .50]'
    """
    if record["low"] is None:
        return plain(record["estimate"])
    return f"{plain(record['estimate'])} [{short(record['low'])} {short(record['high'])}]"


def signed(value: float | None) -> str:
    """A difference: a sign is always there.

    Examples
    --------
    >>> signed(0.25), signed(-0.25), signed(None)
    ('+0.25', '-0.25', '-')
    """
    text = plain(value)
    return text if text.startswith("-") else f"+{text}"


def signed_interval(record: IntervalRecord) -> str:
    """A difference with its limits."""
    if record["low"] is None:
        return signed(record["estimate"])
    return f"{signed(record['estimate'])} [{short(record['low'])} {short(record['high'])}]"


def p_value(p: float | None) -> str:
    """A p value, never written as zero.

    Examples
    --------
    >>> p_value(0.0001), p_value(0.042), p_value(None)
    ('< .001', '.042', '-')
    """
    if p is None:
        return NOTHING
    return "< .001" if p < 0.001 else short(p, digits=3)
