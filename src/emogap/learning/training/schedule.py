"""The learning rate of each step, as a function of where the fit stands: nothing to store, nothing to resume."""

import math
from collections.abc import Sequence

from emogap.models.recipe import Recipe

__all__ = ["cosine_rate", "epochs_without_gain", "rate_factor"]


def cosine_rate(first_rate: float, *, epoch: float, num_epochs: float) -> float:
    """Learning rate of `epoch` (from zero): half a cosine from `first_rate` that would reach 0 at `num_epochs`.

    ``first_rate / 2 * (1 + cos(pi * epoch / num_epochs))``; Loshchilov & Hutter (2017), arXiv 1608.03983,
    equation 5, without restarts.

    Examples
    --------
    >>> [round(cosine_rate(1.0, epoch=epoch, num_epochs=4), 3) for epoch in range(4)]
    [1.0, 0.854, 0.5, 0.146]
    """
    return first_rate / 2 * (1 + math.cos(math.pi * epoch / num_epochs))


def rate_factor(
    recipe: Recipe, *, epoch: int, num_epochs: int, progress: float, validation: Sequence[float] = ()
) -> float:
    """What the learning rate is multiplied by, in [0, 1].

    Parameters
    ----------
    recipe : Recipe
    epoch, num_epochs : int
        From zero.
    progress : float
        Share of the epoch that is over, in [0, 1).
    validation : sequence of float
        Validation losses of the epochs before; what the schedule ``plateau`` looks at.

    Notes
    -----
    During the warm-up the factor rises from 0 in equal steps; the schedule then begins, at 1, and has the epochs that
    are left. ``linear`` falls in equal steps and would reach 0 at the end; ``cosine`` changes from epoch to epoch.

    Examples
    --------
    >>> recipe = Recipe(schedule="linear", warmup=0.5)
    >>> [rate_factor(recipe, epoch=epoch, num_epochs=4, progress=0.5) for epoch in range(4)]
    [0.25, 0.75, 0.75, 0.25]
    """
    done = (epoch + progress) / num_epochs
    if done < recipe.warmup:
        return done / recipe.warmup
    if recipe.schedule == "cosine":
        first = recipe.warmup * num_epochs
        return cosine_rate(1.0, epoch=max(0.0, epoch - first), num_epochs=num_epochs - first)
    if recipe.schedule == "linear":
        return (1 - done) / (1 - recipe.warmup)
    if recipe.schedule == "plateau":
        return recipe.plateau_factor ** _num_falls(validation, patience=recipe.plateau_patience)
    return 1.0


def epochs_without_gain(validation: Sequence[float]) -> int:
    """Epochs since the least validation loss.

    Examples
    --------
    >>> epochs_without_gain([3.0, 1.0, 2.0, 1.0])
    2
    """
    return len(validation) - 1 - min(range(len(validation)), key=validation.__getitem__) if validation else 0


def _num_falls(validation: Sequence[float], *, patience: int) -> int:
    """How often the loss has stood still for more than `patience` epochs in a row, counting anew after each fall."""
    best, waited, falls = math.inf, 0, 0
    for loss in validation:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited > patience:
            falls, waited = falls + 1, 0
    return falls
