"""The three streams of a clip in the EMERT paper (arXiv 2512.16485): steps and features."""

PAPER_STREAMS = {"face": (8, 512), "eye": (32, 39), "fixation": (32, 2)}
