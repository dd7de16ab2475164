"""A new study with short films made here, for tests of the recorder."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from emogap.interfaces.web.record_studies import begin_study
from emogap.simulation.face import draw_face
from emogap.simulation.face_expression import pure_expression
from emogap.simulation.face_identity import sample_identity

__all__ = ["CONSENT", "new_study", "write_camera", "write_film"]

CONSENT = {
    "participant_id": "p01",
    "agreed": "yes",
    "face": "lab",
    "gaze": "public",
    "labels": "public",
    "sex": "female",
    "age": "31",
    "glasses": "no",
}
"""What the page of consent sends."""


def write_film(path: Path, *, length_s: float, grey: int, rate_hz: int = 10, codec: str = "libx264") -> Path:
    """A film of one grey that lasts `length_s`; 64 x 48 pixels."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.time_base = Fraction(1, rate_hz)
        for number in range(round(length_s * rate_hz)):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), grey, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate_hz)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def new_study(folder: Path, targets: Mapping[str, str], *, length_s: float = 1.0, is_set_up: bool = True) -> Path:
    """A study with one film per entry of `targets`, stimulus to target emotion3; hardly any rest between them."""
    films = folder / "films"
    films.mkdir(parents=True)
    rows = []
    for place, (name, target) in enumerate(targets.items()):
        write_film(films / f"{name}.mp4", length_s=length_s, grey=60 + 40 * place)
        rows.append(f"{name}\t{name}\t\t{target}\t{length_s}\t")
    header = "stimulus_id\tstimulus_group\ttarget_emotion7\ttarget_emotion3\tduration_s\tfile"
    (films / "stimuli.tsv").write_text("\n".join([header, *rows]) + "\n")
    study = begin_study(folder / "study", "films", films)
    (study / "recorder.toml").write_text("rest_s = 0.1\nrest_after_negative_s = 0.2\nwithdraw_days = 30\n")
    if is_set_up:
        facts = study / "study.toml"
        facts.write_text(facts.read_text().replace('intended_use = ""', 'intended_use = "research"'))
    return study


def write_camera(path: Path) -> Path:
    """What a camera sees, as Motion JPEG for Chromium to play in a circle: a drawn face in the middle of 640 x 480."""
    picture = np.full((480, 640, 3), 128, np.uint8)
    picture[112:368, 192:448] = draw_face(sample_identity(np.random.default_rng(3)), pure_expression("happiness"))
    with av.open(str(path), "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=20)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuvj420p"
        for _ in range(4):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path
