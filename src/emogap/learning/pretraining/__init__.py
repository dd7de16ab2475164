"""Pre-training of GLASS on gaze without labels: the network forecasts the gaze that follows.

Read in this order: ``config`` and ``schedule`` (how), ``batches`` (which windows at which step), ``gradients`` (one
step), ``loop`` (all of them), ``forecasts`` and ``floors`` (what is scored, and against what), ``scores`` (with
intervals over people), ``checkpoint`` (the result, on disk), ``unseen_people`` (who may be tested) and
``authors_checkpoint``.
"""
