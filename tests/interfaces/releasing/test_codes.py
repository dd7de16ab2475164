"""New ids and their key."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.interfaces.releasing.codes import draw_codes, read_key, write_key

NAMES = [f"p{number:02d}" for number in range(30)]


def test_the_order_of_codes_says_nothing_of_the_order_of_people() -> None:
    first, second = (draw_codes(NAMES, np.random.default_rng(seed)) for seed in (1, 2))
    assert sorted(first.values()) == [f"c{number:03d}" for number in range(1, 31)]
    assert first != second
    assert [first[name] for name in NAMES] != sorted(first.values())


def test_codes_of_an_earlier_release_stay_and_are_not_given_away(tmp_path: Path) -> None:
    write_key(tmp_path / "key.tsv", {"p05": "c002", "gone": "c001"})
    codes = draw_codes(["p04", "p05"], np.random.default_rng(0), known=read_key(tmp_path / "key.tsv"))
    assert codes == {"p05": "c002", "p04": "c003"}


def test_a_key_in_which_two_people_share_a_code_is_refused(tmp_path: Path) -> None:
    write_key(tmp_path / "key.tsv", {"p01": "c001", "p02": "c001"})
    with pytest.raises(DataError, match="two participants have one code"):
        read_key(tmp_path / "key.tsv")
