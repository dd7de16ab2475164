"""Pre-training of GLASS on gaze without labels: the network forecasts the gaze that follows.

Read in this order: ``config`` and ``schedule`` (how), ``batches`` (which windows at which step), ``gradients`` (one
step), ``forecasts`` (of the network and of two floors) and ``scores`` (with intervals over people), ``checkpoint`` (the
result, on disk), ``loop`` (all of it), ``unseen_people`` (who may be tested) and ``authors_checkpoint``.
"""
