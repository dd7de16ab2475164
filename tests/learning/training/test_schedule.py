"""The learning rate against torch's own cosine schedule."""

import pytest
import torch

from emogap.learning.training.schedule import cosine_rate


def test_the_rate_is_that_of_torchs_scheduler() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=7)
    for epoch in range(7):
        assert cosine_rate(1e-4, epoch=epoch, num_epochs=7) == pytest.approx(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
