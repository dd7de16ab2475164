"""What every reader on the shelf promises, whatever the device."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import READERS, open_recordings
from emogap.types import Recording

REAL_FILES: dict[str, tuple[str, ...]] = {
    "bids": (),
    "eyelink_asc": (
        "exports/eyelink/eyelink_binocular_example.asc",
        "exports/eyelink/eyelink_monocular_example.asc",
        "exports/eyelink/eyelink_monocular_2khz_example.asc",
    ),
    "eye_openness": (
        "exports/ier2023_vr/P1/Eyerecording_Test_Control.csv",
        "exports/ier2023_vr/P1/Eyerecording_Test_Control_blinks.csv",
        "exports/ier2023_vr/P18/Eyerecording_Test_NPC.csv",
        "exports/ier2023_vr/P18/Eyerecording_Test_NPC_blinks.csv",
    ),
    "gazepoint": (),
    "openface": ("exports/openface/OpenFace_Test.csv",),
    "plain_csv": (),
    "pupil_labs": ("exports/pupil_labs_edvam/5.csv", "exports/pupil_labs_edvam/35.csv"),
    "ceap360vr": ("ceap360vr/4_BehaviorData/EM_Fixation/P1_Behavior_FixationData.json",),
    "xdf": (),
    "tobii_pro_lab": ("exports/tobii_prolab/transition test Data Export.tsv",),
    "tobii_studio": (
        "uniss_fgd/fgd/000.csv.gz",
        "exports/tobii_studio2/J07.csv",
        "exports/tobii_studio2/Rec 04-All-Data-2stimuli.tsv",
    ),
}


FRAMES = ("screen_px", "screen_mm", "screen_norm", "scene_px", "scene_norm", "camera_deg")
"""What a reader may give points of gaze in; degrees on the screen come with cleaning."""


SHOW_WHOLE_LINES = ("openface",)
"""Readers of files whose lines end in flags of one width, so that a missing line end alone cuts no cell."""


OF_CHUNKS = ("xdf",)
"""Readers of files of chunks instead of lines: damage is named by byte, and a file may end after any chunk. Their clock
is fitted to all samples, so that a shorter file has the same times but for rounding."""


@pytest.fixture(params=READERS.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def files(name: str, examples: dict[str, list[Path]]) -> list[Path]:
    assert name in examples, f"the reader {name} needs a tiny example in tests/recording/readers/conftest.py"
    return examples[name]


def check_promises(recording: Recording, name: str) -> None:
    gaze = recording.gaze
    assert recording.reader == name
    if gaze is None:
        assert recording.events
        return
    assert (np.diff(gaze.time_s) > 0).all()
    assert gaze.time_s[0] == 0
    assert np.isnan(gaze.position[~gaze.valid]).all()
    assert np.isfinite(gaze.position[gaze.valid]).all()
    assert not gaze.altered.any()
    assert (gaze.pupil is None) == (gaze.pupil_unit is None)
    assert gaze.frame in FRAMES or not gaze.valid.any()
    assert np.isfinite(gaze.rate_hz) or any("rate" in doubt for doubt in recording.doubts)
    if gaze.direction is not None and gaze.origin_mm is not None:
        np.testing.assert_allclose(np.linalg.norm(gaze.direction, axis=2)[gaze.valid], 1)
        assert (gaze.origin_mm[:, :, 2][gaze.valid] > 0).all()


def same_up_to_its_end(part: Recording, whole: Recording, tolerance_s: float = 0.0) -> bool:
    """Whether the samples of one recording are the first samples of another."""
    if part.gaze is None or whole.gaze is None:
        return part.gaze is None and whole.gaze is None
    length = len(part.gaze.time_s)
    return bool(
        np.allclose(part.gaze.time_s, whole.gaze.time_s[:length], rtol=0, atol=tolerance_s)
        and np.array_equal(part.gaze.valid, whole.gaze.valid[:length])
    )


def test_a_reader_knows_its_own_examples_and_no_other_does(name: str, files: list[Path]) -> None:
    for path in files:
        assert [reader for reader in READERS.names() if READERS.open(reader).can_read(path)] == [name]


def test_the_promises_hold_for_the_examples(name: str, files: list[Path]) -> None:
    for path in files:
        for recording in READERS.open(name).read(path):
            check_promises(recording, name)
            assert recording.source == path.name


def test_the_promises_hold_for_real_files(name: str, shared_data: Path) -> None:
    for file in REAL_FILES[name]:
        for recording in open_recordings(shared_data / file):
            check_promises(recording, name)


def test_no_folder_and_no_missing_file_is_known(name: str, tmp_path: Path) -> None:
    assert not READERS.open(name).can_read(tmp_path / "absent.tsv")
    (tmp_path / "folder.csv").mkdir()
    assert not READERS.open(name).can_read(tmp_path / "folder.csv")


def cuts(content: bytes) -> Iterator[int]:
    """Every byte of the end of the heading and of the last two lines, and a hundred places in the rest."""
    lines = content.splitlines(keepends=True)
    tail = max(len(content) - len(b"".join(lines[-2:])), len(content) - 400)
    yield from range(1, tail, max(tail // 100, 1))
    yield from range(max(len(lines[0]) - 3, 1), min(len(lines[0]) + 3, tail))
    yield from range(tail, len(content))


def read_or_refusal(name: str, path: Path) -> tuple[Recording, ...] | DataError:
    try:
        recordings: tuple[Recording, ...] = READERS.open(name).read(path)
    except DataError as error:
        return error
    return recordings


def test_a_file_cut_at_any_byte_is_refused_by_line_or_is_a_shorter_whole_recording(
    name: str, files: list[Path]
) -> None:
    for path in files:
        content = path.read_bytes()
        whole = READERS.open(name).read(path)
        for cut in cuts(content):
            path.write_bytes(content[:cut])
            found = read_or_refusal(name, path)
            if isinstance(found, DataError):
                assert re.search(rf"{re.escape(path.name)}, (line|row|byte) \d+", found.where or "")
                assert found.fix
                continue
            if name in OF_CHUNKS:
                assert all(same_up_to_its_end(*pair, tolerance_s=1e-9) for pair in zip(found, whole, strict=True))
                continue
            whole_line = content[:cut].endswith(b"\n") or (name in SHOW_WHOLE_LINES and content[cut : cut + 1] == b"\n")
            assert whole_line, f"read although its last line was cut at byte {cut}"
            assert all(map(same_up_to_its_end, found, whole))


def test_a_null_byte_anywhere_is_refused_or_leaves_the_samples_alone(name: str, files: list[Path]) -> None:
    for path in files:
        content = path.read_bytes()
        whole = READERS.open(name).read(path)
        for place in range(0, len(content), max(len(content) // 30, 1)):
            path.write_bytes(content[:place] + b"\0" + content[place + 1 :])
            found = read_or_refusal(name, path)
            if isinstance(found, DataError):
                assert path.name in (found.where or "")
                continue
            assert [len(part.gaze.time_s) for part in found if part.gaze] == [
                len(part.gaze.time_s) for part in whole if part.gaze
            ]
        path.write_bytes(content)


def test_a_line_of_a_million_columns_is_refused_by_line(name: str, files: list[Path]) -> None:
    for path in (path for path in files if path.suffix not in (".xlsx", ".xdf")):
        path.write_bytes(path.read_bytes() + b"7" + b",7\t7;" * 500_000 + b"\n")
        with pytest.raises(DataError, match=rf"{re.escape(path.name)}, line \d+"):
            READERS.open(name).read(path)


def test_bytes_changed_at_random_are_refused_with_their_file_or_read(name: str, files: list[Path]) -> None:
    """Whatever a disk, a mail program or an editor does to a file, the answer is a recording or a DataError."""
    rng = np.random.default_rng(11)
    for path in files:
        content = path.read_bytes()
        for _ in range(40):
            damaged = bytearray(content)
            for place in rng.integers(0, len(content), 3):
                damaged[place] = rng.choice(list(b'0123456789.,-;\t\r\n "xEN\xff'))
            path.write_bytes(bytes(damaged))
            READERS.open(name).can_read(path)
            found = read_or_refusal(name, path)
            if isinstance(found, DataError):
                assert found.where
                assert found.fix
        path.write_bytes(content)


def test_an_empty_file_is_refused_in_words(name: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.tsv"
    path.touch()
    with pytest.raises(DataError, match=r"empty\.tsv: the file is empty"):
        open_recordings(path)
    with pytest.raises(DataError, match=r"empty\.tsv"):
        READERS.open(name).read(path)


def test_a_binary_file_is_refused_in_words(name: str, tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    path.write_bytes(np.random.default_rng(3).integers(0, 256, 5000, dtype=np.uint8).tobytes())
    with pytest.raises(DataError, match="no reader knows this file") as caught:
        open_recordings(path)
    assert name in str(caught.value)
    with pytest.raises(DataError, match=r"noise\.csv"):
        READERS.open(name).read(path)
