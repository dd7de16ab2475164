"""What every protocol promises, over the whole shelf."""

import pytest

from emogap.learning.evaluation.protocols import open_protocol, protocol_names
from emogap.types import LabelView, TaskSpec


def test_the_protocols_of_the_contract_are_there() -> None:
    emer = {"er3", "er7", "er-va", "fer3", "fer7", "fer-va", "fer-int"}
    assert set(protocol_names()) == emer | {"target3", "felt-va", "felt-quadrant", "sims"}


@pytest.mark.parametrize("name", protocol_names())
def test_the_meaning_is_one_sentence(name: str) -> None:
    meaning = open_protocol(name).meaning
    assert meaning.endswith(".")
    assert ". " not in meaning


@pytest.mark.parametrize("name", protocol_names())
def test_the_name_says_whose_statement_it_is(name: str) -> None:
    first = {"e": LabelView.FELT, "f": LabelView.SHOWN, "t": LabelView.TARGET, "s": LabelView.SHOWN}[name[0]]
    assert open_protocol(name).view is (LabelView.FELT if name.startswith("felt") else first)


@pytest.mark.parametrize("name", protocol_names())
def test_a_model_can_be_asked(name: str) -> None:
    protocol = open_protocol(name)
    views = tuple(view for view, _ in protocol.heads)
    TaskSpec(views, protocol.targets, protocol.space, {"eye": (7, 3)})


@pytest.mark.parametrize("name", protocol_names())
def test_heads_trained_together_name_each_other(name: str) -> None:
    protocol = open_protocol(name)
    for view, other in protocol.heads:
        partner = open_protocol(other)
        assert partner.view is view
        assert (partner.space, partner.targets, partner.heads) == (protocol.space, protocol.targets, protocol.heads)
