"""Fitting models to a data set and judging them on people they have not seen.

``randomness`` and ``inputs`` first, then ``training`` (fits one model), then ``evaluation`` (folds, out-of-fold
predictions, scores). Training knows nothing of evaluation.
"""
