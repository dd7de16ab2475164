"""Figures of a run as small SVG files that also stand inside a page: text stays text, nothing is loaded.

``svg`` holds the drawing words, ``forest`` scores with intervals, ``confusion`` a confusion matrix, ``people`` the
scores of single participants.
"""
