"""Terms of the data sets."""

from emogap.datasets.catalogue import CATALOGUE
from emogap.datasets.terms import data_terms


def test_every_catalogue_entry_has_terms() -> None:
    assert set(CATALOGUE.names()) <= set(data_terms())


def test_non_commercial_data_are_not_passed_on_freely() -> None:
    restricted = [terms for terms in data_terms().values() if "non-commercial" in terms.licence]
    assert len(restricted) == 2
    assert all(terms.may_be_passed_on.startswith(("no", "for non-commercial use")) for terms in restricted)
