"""The control of every map: the same network with weights that were never trained."""

import torch

from emogap.errors import UsageError
from emogap.learning.evaluation.attribution.explained import Network
from emogap.learning.training.checkpoint import Trained
from emogap.models.interface import GradientModel
from emogap.models.zoo import new_model

__all__ = ["randomised"]


def randomised(trained: Trained, *, seed: int) -> Network:
    """A network like that of `trained`, as it was before any training, from `seed`; in evaluation mode.

    A map that it shares shows the clip or the network's form, and nothing that was learned.

    Raises
    ------
    UsageError
        If the model is fitted in closed form: it has no random weights to start from.

    References
    ----------
    Adebayo et al. (2018), arXiv 1810.03292, section 3 (model parameter randomisation test, all layers at once).
    """
    if not isinstance(trained.model, GradientModel):
        raise UsageError(
            f"{trained.name} is fitted in closed form: without random weights its maps have no control",
            fix="explain a network, such as emert",
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return new_model(trained.name, trained.task, config=trained.config).eval()
