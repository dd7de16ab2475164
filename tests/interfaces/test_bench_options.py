"""Options of models, as they are typed behind ``--options``."""

import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.bench_options import bench_config, options_by_model


def test_words_become_options_of_their_model_with_the_type_that_they_look_like() -> None:
    words = ["emert.eye_encoder=glass", "emert.glass_frozen=false", "emert.glass_checkpoint=C-{fold}=x", "mult.depth=3"]
    assert options_by_model(words) == {
        "emert": {"eye_encoder": "glass", "glass_frozen": False, "glass_checkpoint": "C-{fold}=x"},
        "mult": {"depth": 3},
    }
    config = bench_config(models="emert", splits="person", protocol="er3", model_options=words)
    assert config.options["emert"]["eye_encoder"] == "glass"


@pytest.mark.parametrize("word", ["emert", "emert.depth", "=3", "emert=3"])
def test_a_word_of_another_form_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match=r"give MODEL\.OPTION=VALUE"):
        options_by_model([word])


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="eye_encoder"):
        options_by_model(["emert.eye_encoders=glass"])


def test_a_value_that_the_option_cannot_have_is_refused_with_those_it_can() -> None:
    with pytest.raises(UsageError, match=r"emert\.eye_encoder cannot be 'gru'\n.*give 'lstm' or 'glass'"):
        options_by_model(["emert.eye_encoder=gru"])
