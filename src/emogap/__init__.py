"""The toolkit that joins eye tracking, face video, annotation and models to study the emotion gap.

Data walk one way through the rooms: recording, preprocessing, annotation, datasets, models, learning,
analysis, reporting, interfaces. Start with :mod:`emogap.types`, the nouns that every room shares.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
