"""Column names of a Tobii Studio 3.x export, without blanks, and which of them hold numbers."""

__all__ = [
    "BLOCK_COLUMNS",
    "GAZE_MM",
    "GAZE_PX",
    "INDEX_COLUMNS",
    "NUMERIC",
    "ORIGIN_MM",
    "PUPIL",
    "VALIDITY",
    "plain",
]

EYES = ("Left", "Right")

GAZE_PX = tuple(tuple(f"GazePoint{eye}{axis}(ADCSpx)" for axis in "XY") for eye in EYES)
GAZE_MM = tuple(tuple(f"GazePoint{eye}{axis}(ADCSmm)" for axis in "XY") for eye in EYES)
ORIGIN_MM = tuple(tuple(f"EyePos{eye}{axis}(ADCSmm)" for axis in "XYZ") for eye in EYES)
PUPIL = tuple((f"Pupil{eye}",) for eye in EYES)
VALIDITY = tuple(f"Validity{eye}" for eye in EYES)

BLOCK_COLUMNS = ("ParticipantName", "RecordingName", "RecordingDate")
"""What tells the recordings of a file apart, as far as the file has it."""

INDEX_COLUMNS = ("FixationIndex", "SaccadeIndex")

OTHER_NUMBERS = """
    RecordingDuration RecordingTimestamp MediaPosX(ADCSpx) MediaPosY(ADCSpx) MediaWidth MediaHeight
    FixationIndex SaccadeIndex GazeEventDuration FixationPointX(MCSpx) FixationPointY(MCSpx)
    SaccadicAmplitude AbsoluteSaccadicDirection RelativeSaccadicDirection GazePointIndex
    GazePointX(ADCSpx) GazePointY(ADCSpx) GazePointX(MCSpx) GazePointY(MCSpx)
    StrictAverageGazePointX(ADCSmm) StrictAverageGazePointY(ADCSmm)
"""

NUMERIC = frozenset(OTHER_NUMBERS.split()) | {
    name for group in (GAZE_PX, GAZE_MM, ORIGIN_MM, PUPIL) for eye in group for name in eye
}


def plain(name: str) -> str:
    """A column name without blanks: ``GazePointX (ADCSpx)`` and ``GazePointX(ADCSpx)`` are one column."""
    return name.replace(" ", "")
