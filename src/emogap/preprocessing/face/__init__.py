"""Faces in video frames: found, followed, brought to one place and size, and turned into numbers.

Read in this order: ``detection`` (what a detector gives), ``detectors`` (the shelf), ``align``, ``encoding`` (what
an encoder sees and gives), ``encoders`` (the shelf), ``expressions``, ``features`` (all of it for one clip). For every
frame of a video: ``tracking`` (all faces, followed), ``choice`` (which is the participant's), ``exposure`` (its light).
Frames come in from whoever opened the video.
"""

from emogap.preprocessing.face.align import align
from emogap.preprocessing.face.detection import Detection, Detector
from emogap.preprocessing.face.detectors import DETECTORS
from emogap.preprocessing.face.encoders import ENCODERS
from emogap.preprocessing.face.encoding import ALIGNED, Encoder, FaceCrop, crop_face
from emogap.preprocessing.face.expressions import FaceExpressions, to_emotion7
from emogap.preprocessing.face.features import FaceFeatures, face_features
from emogap.preprocessing.face.illumination import normalise_illumination

__all__ = [
    "ALIGNED",
    "DETECTORS",
    "ENCODERS",
    "Detection",
    "Detector",
    "Encoder",
    "FaceCrop",
    "FaceExpressions",
    "FaceFeatures",
    "align",
    "crop_face",
    "face_features",
    "normalise_illumination",
    "to_emotion7",
]
