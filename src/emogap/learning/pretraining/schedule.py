"""Learning rate and truth probability of each step, as functions of its number: nothing to store, nothing to resume."""

from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.training.schedule import cosine_rate

__all__ = ["learning_rate_at", "num_warmup_steps", "truth_probability_at"]


def num_warmup_steps(config: PretrainingConfig, num_steps: int) -> int:
    """Steps in which the learning rate rises: those of `config`, but no more than its share of all steps.

    Examples
    --------
    >>> num_warmup_steps(PretrainingConfig(), 40_000), num_warmup_steps(PretrainingConfig(), 500)
    (3000, 50)
    """
    return min(config.warmup_steps, round(config.max_warmup_share * num_steps))


def learning_rate_at(step: int, *, num_steps: int, config: PretrainingConfig) -> float:
    """Learning rate of `step` (from zero).

    Notes
    -----
    ``rate (step + 1) / W`` in the W steps of the warm-up, then half a cosine that would reach 0 at `num_steps`; as in
    the authors' code.

    Examples
    --------
    >>> config = PretrainingConfig(learning_rate=1.0, warmup_steps=2, max_warmup_share=0.5)
    >>> [round(learning_rate_at(step, num_steps=6, config=config), 3) for step in range(6)]
    [0.5, 1.0, 1.0, 0.854, 0.5, 0.146]
    """
    warmup = num_warmup_steps(config, num_steps)
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    return cosine_rate(config.learning_rate, epoch=step - warmup, num_epochs=num_steps - warmup)


def truth_probability_at(step: int, *, num_steps: int, config: PretrainingConfig) -> float:
    """Probability that the decoder is fed a measured patch at `step` (from zero), and not its own forecast.

    Falls in equal steps from 1 to 0 at `sampling_share` of all steps, at least 1, and stays there.

    Examples
    --------
    >>> config = PretrainingConfig(sampling_share=0.5)
    >>> [truth_probability_at(step, num_steps=8, config=config) for step in range(8)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.0, 0.0, 0.0]

    References
    ----------
    Bengio et al. (2015), "Scheduled sampling", arXiv 1506.03099, section 2.4 (linear decay).
    """
    last = max(1, int(config.sampling_share * num_steps))
    return max(0.0, 1.0 - step / last)
