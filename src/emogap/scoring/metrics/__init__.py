"""One metric per file, all with the same face.

Every file defines ``TITLE``, ``KIND``, ``HIGHER_IS_BETTER``, ``score(label, output)`` and
``from_sums(sums)``. The second computes the same number from sums over clips (:mod:`emogap.scoring.sums`), for
any number of leading axes, so that ten thousand resamples of people cost one matrix product.
"""

from emogap.shelf import Shelf

__all__ = ["METRICS"]

METRICS = Shelf(
    "emogap.scoring.metrics", kind="metric", defines=("TITLE", "KIND", "HIGHER_IS_BETTER", "score", "from_sums")
)
"""Every metric by its name: war uar f1_weighted f1_macro, and mae mse rmse ccc pearson_r r2."""
