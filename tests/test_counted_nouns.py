import pytest

from emogap.counted_nouns import counted


@pytest.mark.parametrize(
    ("noun", "one", "several"),
    [
        ("clip", "1 clip", "5 clips"),
        ("person", "1 person", "5 people"),
        ("stimulus", "1 stimulus", "5 stimuli"),
        ("class", "1 class", "5 classes"),
        ("entry", "1 entry", "5 entries"),
        ("day", "1 day", "5 days"),
        ("epoch", "1 epoch", "5 epochs"),
        ("patch", "1 patch", "5 patches"),
        ("simulated person", "1 simulated person", "5 simulated people"),
    ],
)
def test_only_one_is_in_the_singular(noun: str, one: str, several: str) -> None:
    assert counted(1, noun) == one
    assert counted(5, noun) == several
    assert counted(0, noun) == several.replace("5", "0")


@pytest.mark.parametrize(("verb", "plural"), [("is", "are"), ("has", "have"), ("was", "were"), ("lacks", "lack")])
def test_the_verb_agrees_with_its_number(verb: str, plural: str) -> None:
    assert counted(1, "label", verb) == f"1 label {verb}"
    assert counted(2, "label", verb) == f"2 labels {plural}"
