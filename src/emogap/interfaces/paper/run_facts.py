"""The facts of a run for a paper: its models with their sizes, and how each was optimised."""

from pathlib import Path

from emogap.learning.experiment import model_and_streams
from emogap.learning.stored_network import CONFIG_FILE
from emogap.learning.training.checkpoint import load_model
from emogap.models.interface import ClosedFormModel, count_parameters
from emogap.models.zoo import ZOO
from emogap.reporting.paper_facts import ModelFacts
from emogap.reporting.results import RunResults

__all__ = ["read_model_facts"]


def read_model_facts(results: RunResults) -> tuple[ModelFacts, ...]:
    """Every model of the run in the order of its tables, counted in the first of its checkpoints.

    Raises
    ------
    DataError
        If a checkpoint is damaged.
    UnknownNameError
        If a model is no longer on the shelf.
    """
    return tuple(_facts(results.path, model) for model in results.record["models"])


def _facts(run: Path, model: str) -> ModelFacts:
    entry = ZOO.open(model_and_streams(model)[0])
    folders = sorted(path.parent for path in (run / "checkpoints" / model).glob(f"*/{CONFIG_FILE}"))
    if not folders:
        is_closed_form = issubclass(entry.Model, ClosedFormModel)
        return ModelFacts(model, entry.Model.description, 0 if is_closed_form else None, {}, is_closed_form)
    trained = load_model(folders[0])
    is_closed_form = isinstance(trained.model, ClosedFormModel)
    return ModelFacts(
        name=model,
        description=entry.Model.description,
        parameters=count_parameters(trained.model),
        training={} if is_closed_form else trained.training.model_dump(mode="json"),
        is_closed_form=is_closed_form,
    )
