"""Cleaning and event detection for the eyes: pure functions, type to type.

Read in this order: ``pipeline`` (what is done, in which order), ``runs`` and ``interpolation`` (losses and how they
are filled), ``blinks``, ``saccades``, ``pupil`` (the paper's three steps), ``pupil_outliers``,
``pupil_foreshortening``, ``pupil_light``, ``pupil_baseline`` (on request), ``events``, ``fixation_map``, ``quality``,
``eye_measures``. pymovements is known to ``_pymovements`` alone. Faces have their own sub-room, ``face``.
"""

from emogap.preprocessing.blinks import BlinkConfig, correct_blinks, detect_blinks
from emogap.preprocessing.events import EventConfig, detect_events, event_at, load_detectors
from emogap.preprocessing.eye_measures import EyeMeasures, measure_eyes
from emogap.preprocessing.fixation_map import fixation_centres, fixation_map, frame_maps, low_resolution
from emogap.preprocessing.interpolation import fill_gaps
from emogap.preprocessing.merge import cyclopean, merge_eyes
from emogap.preprocessing.pipeline import PRESETS, CleaningConfig, clean, remove_unmeasured_fixations
from emogap.preprocessing.pupil import pupil_change
from emogap.preprocessing.pupil_baseline import BaselineConfig, correct_baseline
from emogap.preprocessing.pupil_foreshortening import ForeshorteningConfig, correct_foreshortening
from emogap.preprocessing.pupil_light import LightConfig, LightReflex, fit_light_reflex, remove_light_reflex
from emogap.preprocessing.pupil_outliers import OutlierConfig, remove_pupil_outliers
from emogap.preprocessing.quality import Quality, measure_quality
from emogap.preprocessing.resample import resample
from emogap.preprocessing.saccades import correct_saccades
from emogap.preprocessing.smoothing import SmoothingConfig, smooth
from emogap.preprocessing.stimulus_luminance import luminance_around_gaze, measure_luminance
from emogap.preprocessing.trim import trim
from emogap.preprocessing.visual_angle import screen_extent_deg, to_degrees

__all__ = [
    "PRESETS",
    "BaselineConfig",
    "BlinkConfig",
    "CleaningConfig",
    "EventConfig",
    "EyeMeasures",
    "ForeshorteningConfig",
    "LightConfig",
    "LightReflex",
    "OutlierConfig",
    "Quality",
    "SmoothingConfig",
    "clean",
    "correct_baseline",
    "correct_blinks",
    "correct_foreshortening",
    "correct_saccades",
    "cyclopean",
    "detect_blinks",
    "detect_events",
    "event_at",
    "fill_gaps",
    "fit_light_reflex",
    "fixation_centres",
    "fixation_map",
    "frame_maps",
    "load_detectors",
    "low_resolution",
    "luminance_around_gaze",
    "measure_eyes",
    "measure_luminance",
    "measure_quality",
    "merge_eyes",
    "pupil_change",
    "remove_light_reflex",
    "remove_pupil_outliers",
    "remove_unmeasured_fixations",
    "resample",
    "screen_extent_deg",
    "smooth",
    "to_degrees",
    "trim",
]
