"""The rows of the licence matrix: what is installed, what the catalogue can read, which weights are known."""

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from emogap.datasets.catalogue import CATALOGUE
from emogap.datasets.terms import data_terms
from emogap.preprocessing.face.weights import known_weights
from emogap.reporting.paper_facts import LicenceRow

__all__ = ["licence_rows"]

DEVELOPMENT = "dev"
"""The extra of emogap that is for its developers only."""

REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?P<extras>\[[^\]]*\])?[^;]*(?:;.*extra\s*==\s*['\"](?P<extra>[^'\"]+)['\"])?"
)


def licence_rows(used_data: Iterable[str] = (), used_weights: Iterable[str] = ()) -> tuple[LicenceRow, ...]:
    """Rows for packages, data sets and weights, each kind in the order of its names.

    Parameters
    ----------
    used_data, used_weights : iterable of str
        Catalogue entries and known weights that the results were made from; their rows say so.
    """
    return (*_packages(), *_data(set(used_data)), *_weights(set(used_weights)))


def _packages() -> Iterator[LicenceRow]:
    """What emogap requires, and its extras but for development, as far as it is installed."""
    wanted: dict[str, set[str]] = {}
    for requirement in distribution("emogap").requires or ():
        matched = REQUIREMENT.match(requirement)
        assert matched is not None
        extra = matched["extra"]
        if extra != DEVELOPMENT:
            wanted.setdefault(matched["name"], set()).add(extra or "")
    for name in sorted(wanted, key=str.lower):
        used_for = "always" if "" in wanted[name] else f"extra {', '.join(sorted(wanted[name]))}"
        try:
            found = distribution(name)
        except PackageNotFoundError:
            yield LicenceRow("package", name, "not installed", "", used_for, "not known: it is not installed")
            continue
        licence = _licence(found)
        yield LicenceRow("package", name, found.version, licence, used_for, _package_terms(licence))


def _licence(found: Distribution) -> str:
    """As its metadata state it: the expression, else the classifiers, else the first line of the licence."""
    metadata = found.metadata
    if expressions := metadata.get_all("License-Expression"):
        return str(expressions[0])
    classifiers = [
        text.rsplit(" :: ", 1)[-1] for text in metadata.get_all("Classifier", []) if text.startswith("License ::")
    ]
    if classifiers:
        return "; ".join(classifiers)
    stated = "\n".join(metadata.get_all("License") or [])
    return next((line.strip() for line in stated.splitlines() if line.strip()), "")


def _package_terms(licence: str) -> str:
    if not licence:
        return "unknown: ask its authors"
    if "GPL" in licence:
        return "under its own copyleft terms"
    return "under its own terms, with its notice"


def _data(used: set[str]) -> Iterator[LicenceRow]:
    for name in CATALOGUE.names():
        terms = data_terms().get(name)
        role = "these results" if name in used else "can be read"
        if terms is None:
            yield LicenceRow("data", name, "", "", role, "unknown: ask its authors")
        else:
            yield LicenceRow("data", f"{name}: {terms.title}", "", terms.licence, role, terms.may_be_passed_on)


def _weights(used: set[str]) -> Iterator[LicenceRow]:
    for name, known in sorted(known_weights().items()):
        restricted = re.search(r"non-commercial|BY-NC|yours to check|research", known.licence, re.IGNORECASE)
        passed_on = "not unless its terms allow it" if restricted else "under its own terms, with its notice"
        role = f"these results: {known.purpose}" if name in used else known.purpose
        yield LicenceRow("weights", name, known.file, known.licence, role, passed_on)
