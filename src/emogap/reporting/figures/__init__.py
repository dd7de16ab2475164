"""Figures of a run as small SVG files that also stand inside a page: text stays text, nothing is loaded.

``svg`` holds the drawing words, ``forest`` scores with intervals, ``confusion`` a confusion matrix, ``people`` the
scores of single participants. ``gaze_on_stimulus`` is the exception: it draws on pictures, in pixels.
"""
