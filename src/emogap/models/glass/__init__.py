"""GLASS: a transformer that learns from gaze alone, by forecasting it from what came before.

"Encoding Emotion through Self-Supervised Eye Movement Reconstruction", arXiv 2601.12534. Read in this order:
``config`` (sizes), ``encoder`` (frames to tokens), ``decoder`` (tokens to the frames that follow), ``model`` (both,
with the training by scheduled sampling), then ``losses``, ``blocks`` and ``rotary``.

Shapes, in every file of this folder: B windows, T past frames, F future frames, D channels, P frames per patch, X = P
D numbers of a patch, N past patches, M future patches, W width of a token, K heads, H width of a head.
"""
