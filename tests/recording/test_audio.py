"""Sound of a film, written here with a known tone."""

from pathlib import Path

import av
import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording.audio import AUDIO_RATE_HZ, read_audio


def write_tone(path: Path, *, rate_hz: int, layout: str, seconds: float = 1.5, frequency_hz: float = 440) -> None:
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = (0.5 * np.sin(2 * np.pi * frequency_hz * time) * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.repeat(wave, channels)[None], format="s16", layout=layout)
    frame.sample_rate = rate_hz
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=rate_hz, layout=layout)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("rate_hz", "layout", "channels"), [(48_000, "mono", 1), (22_050, "stereo", 2), (44_100, "5.1", 2)]
)
def test_a_tone_keeps_length_pitch_and_channels(tmp_path: Path, rate_hz: int, layout: str, channels: int) -> None:
    write_tone(tmp_path / "tone.wav", rate_hz=rate_hz, layout=layout)
    sound = np.concatenate(list(read_audio(tmp_path / "tone.wav")))
    assert sound.shape[1] == channels
    assert len(sound) / AUDIO_RATE_HZ == pytest.approx(1.5, abs=0.01)
    spectrum = np.abs(np.fft.rfft(sound[:, 0]))
    assert np.argmax(spectrum) * AUDIO_RATE_HZ / len(sound) == pytest.approx(440, abs=1)
    if layout != "5.1":
        assert np.abs(sound[4800:-4800]).max() == pytest.approx(0.5, abs=0.005)


def test_a_film_without_sound_gives_nothing(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "mute.avi"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 32, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
    assert not list(read_audio(tmp_path / "mute.avi"))


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"not a film at all")
    with pytest.raises(DataError, match=r"a\.mp4: the sound cannot be decoded"):
        list(read_audio(tmp_path / "a.mp4"))
    with pytest.raises(DataError, match="no such file"):
        list(read_audio(tmp_path / "b.mp4"))
