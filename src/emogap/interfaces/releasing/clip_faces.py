"""The face frames of one clip, aligned: neither the room behind the face nor the sound is released."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.files import write_bytes
from emogap.preprocessing.face import Detection, Detector, align
from emogap.preprocessing.face.blur import blur_found
from emogap.preprocessing.face.features import follow
from emogap.recording.session import ClockRelation, Trial
from emogap.recording.video import frame_times, read_frames_at

__all__ = ["write_faces"]

JPEG_QUALITY = 95
"""Choice: at 112 x 112 px about 6 kB a frame."""


def write_faces(
    video: Path,
    trial: Trial,
    clock: ClockRelation,
    folder: Path,
    *,
    detect: Detector,
    num_frames: int,
    is_blurred: bool,
) -> tuple[int, int]:
    """Write the face in the frames of a trial as ``frame_1.jpg`` and on; a frame without a face leaves its number out.

    Parameters
    ----------
    video : Path
        The face video of the session.
    trial : Trial
    clock : ClockRelation
        Between the video and the gaze.
    folder : Path
        Made if there is a face.
    detect : Detector
    num_frames : int
        So many, at the centres of equal parts of the trial; 0 = every frame.
    is_blurred : bool
        Whether the faces are blurred before they are aligned.

    Returns
    -------
    (int, int)
        Frames looked at, and frames with a face.

    Raises
    ------
    DataError
        If the video cannot be decoded.
    """
    chosen_s = _chosen(frame_times(video), trial, clock, num_frames)
    if not len(chosen_s):
        return 0, 0
    num_found = 0
    last: Detection | None = None
    for number, (_, frame) in enumerate(read_frames_at(video, chosen_s), start=1):
        found = detect(frame)
        face = follow(found, last)
        last = face or last
        if face is None:
            continue
        num_found += 1
        shown = align(blur_found(frame, found) if is_blurred else frame, face)
        coded = cv2.imencode(".jpg", shown[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))[1]
        write_bytes(folder / f"frame_{number}.jpg", coded.tobytes())
    return len(chosen_s), num_found


def _chosen(time_s: Float[ndarray, " F"], trial: Trial, clock: ClockRelation, num_frames: int) -> Float[ndarray, " N"]:
    """Times of the frames that the camera took during the trial, or of some of them; on the clock of the video."""
    start_s, stop_s = clock.to_face_s(trial.onset_s), clock.to_face_s(trial.onset_s + trial.duration_s)
    during_s: Float[ndarray, " N"] = time_s[(time_s >= start_s) & (time_s < stop_s)]
    if not num_frames or num_frames >= len(during_s):
        return during_s
    places = (np.arange(num_frames) + 0.5) * len(during_s) / num_frames
    chosen_s: Float[ndarray, " N"] = during_s[places.astype(int)]
    return chosen_s
