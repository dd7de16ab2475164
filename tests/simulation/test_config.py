from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from emogap.simulation.config import SimulationConfig

PAGE = Path(__file__).parents[2] / "docs" / "simulation.md"
PARTS = ("affect", "oculomotor", "blinks", "pupil", "tracker", "raters")


def test_every_default_says_where_it_comes_from() -> None:
    config = SimulationConfig()
    for part in PARTS:
        model = getattr(config, part)
        assert isinstance(model, BaseModel)
        for name, field in type(model).model_fields.items():
            assert field.description, f"{part}.{name}"


@pytest.mark.parametrize("part", PARTS)
def test_the_page_states_every_default_as_it_is(part: str) -> None:
    model = getattr(SimulationConfig(), part)
    rows = {line.split("|")[1].strip(" `"): line for line in PAGE.read_text().splitlines() if line.startswith("| `")}
    for name in type(model).model_fields:
        value = getattr(model, name)
        stated = ", ".join(f"{each:g}" for each in value) if isinstance(value, tuple) else f"{value:g}"
        assert f"{part}.{name}" in rows, f"docs/simulation.md has no row for {part}.{name}"
        assert rows[f"{part}.{name}"].split("|")[2].strip() == stated


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValidationError):
        SimulationConfig.model_validate({"participants": 3, "colour": "blue"})
