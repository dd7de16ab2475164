"""Keys of clips."""

from dataclasses import astuple, fields

from emogap.types import SampleKey


def test_the_values_of_a_key_are_its_fields_in_their_order() -> None:
    key = SampleKey("d", "r", "p", "s", "g", 0.5, 2.0)
    assert key.values() == astuple(key) == tuple(getattr(key, field.name) for field in fields(SampleKey))
