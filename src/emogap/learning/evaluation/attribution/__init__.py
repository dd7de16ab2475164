"""What the answers of fitted models rest on, per clip and view; nothing is trained.

Read in this order: ``explained`` (which answer is asked about), ``occlusion`` (streams and steps taken away),
``attention`` (what tokens take from tokens), ``face`` (parts of the aligned face covered, and gradients), ``control``
(the same network with random weights) and ``maps`` (all of that for the models of a run, stored in it).
``emogap.analysis.attention`` averages what is stored.
"""
