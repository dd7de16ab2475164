"""Fitted models on clips that a tracker or a camera has spoiled; nothing is trained.

Read in this order: ``perturbations`` (what happens to one clip), ``conditions`` (to a data set), ``slower`` (what a
slower tracker would have recorded, which is another build of the same recordings), ``disturbed`` (what the models of a
run then say).
"""
