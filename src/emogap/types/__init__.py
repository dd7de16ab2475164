"""The nouns that every room shares: frozen, checked on construction, free of files and torch.

Read in this order: ``setup``, ``gaze``, ``events``, ``recording``; then ``labels``, ``sample``, ``task``,
``prediction``; ``scores`` and ``run`` are the JSON and TOML of a benchmark.
"""

from emogap.types.events import EventFrame, EyeEvents
from emogap.types.face import ActionUnits, FaceTrack
from emogap.types.fixation_map import FixationMap
from emogap.types.gaze import Eye, Frame, GazeSeries, PupilUnit
from emogap.types.labels import VOCABULARIES, EmotionLabel, LabelView, Space, vocabulary
from emogap.types.luminance import StimulusLuminance
from emogap.types.prediction import Prediction
from emogap.types.ratings import RatingTable, Scale
from emogap.types.recording import HeadSeries, Message, Recording, Step, StimulusInterval
from emogap.types.sample import Sample, SampleKey
from emogap.types.setup import EyeTracker, Screen
from emogap.types.task import Target, TaskSpec

__all__ = [
    "VOCABULARIES",
    "ActionUnits",
    "EmotionLabel",
    "EventFrame",
    "Eye",
    "EyeEvents",
    "EyeTracker",
    "FaceTrack",
    "FixationMap",
    "Frame",
    "GazeSeries",
    "HeadSeries",
    "LabelView",
    "Message",
    "Prediction",
    "PupilUnit",
    "RatingTable",
    "Recording",
    "Sample",
    "SampleKey",
    "Scale",
    "Screen",
    "Space",
    "Step",
    "StimulusInterval",
    "StimulusLuminance",
    "Target",
    "TaskSpec",
    "vocabulary",
]
