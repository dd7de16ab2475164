"""What is drawn of a recording is kept, used while it is true, and made anew when it is not."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from emogap.interfaces.forgetting import erase
from emogap.interfaces.forgetting_plan import plan_erasure
from emogap.interfaces.web import sessions
from emogap.interfaces.web.kept_tracks import kept_place
from emogap.interfaces.web.opened import open_place
from emogap.interfaces.web.sessions import Sessions
from emogap.interfaces.web.tracks import Tracks


@pytest.fixture
def place(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to write into, in which every recording is large enough to be kept."""
    monkeypatch.setattr(sessions, "LEAST_BYTES_KEPT", 0)
    return Path(shutil.copytree(study, tmp_path / "study"))


def tracks(place: Path, name: str = "p001") -> Tracks:
    """As another start of the app has them."""
    return Sessions(open_place(place)).tracks(name)


def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The exports that are read from now on."""
    read: list[Path] = []
    true_reader = sessions.open_recording

    def counted(path: Path) -> object:
        read.append(path)
        return true_reader(path)

    monkeypatch.setattr(sessions, "open_recording", counted)
    return read


def assert_same(first: Tracks, second: Tracks) -> None:
    assert (first.start_s, first.stop_s, first.rate_hz, first.doubts) == (
        second.start_s,
        second.stop_s,
        second.rate_hz,
        second.doubts,
    )
    np.testing.assert_array_equal(first.time_s, second.time_s)
    np.testing.assert_array_equal(first.place, second.place)
    assert first.intervals.keys() == second.intervals.keys()
    for kind in first.intervals:
        np.testing.assert_array_equal(first.intervals[kind], second.intervals[kind])
    assert {name: each.unit for name, each in first.signals.items()} == {
        name: each.unit for name, each in second.signals.items()
    }
    for name in first.signals:
        one, other = (each.signals[name].pyramid.window(0.3, 7.7, cells=97) for each in (first, second))
        assert (one.start_s, one.step_s) == (other.start_s, other.step_s)
        np.testing.assert_array_equal(one.low, other.low)
        np.testing.assert_array_equal(one.high, other.high)


def test_the_second_opening_gives_the_same_without_reading_the_export(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tracks(place)
    read = reads(monkeypatch)
    assert_same(first, tracks(place))
    assert read == []


def test_a_recording_that_has_changed_is_read_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tracks(place)
    gaze = place / "sessions" / "p001" / "gaze.tsv"
    lines = gaze.read_text(encoding="utf-8-sig").splitlines()
    gaze.write_text("\n".join(lines[: len(lines) // 2]) + "\n", encoding="utf-8-sig")
    read = reads(monkeypatch)
    assert tracks(place).stop_s < before.stop_s
    assert read == [gaze]


def test_a_recording_that_was_only_written_again_is_read_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracks(place)
    gaze = place / "sessions" / "p001" / "gaze.tsv"
    os.utime(gaze, ns=(0, gaze.stat().st_mtime_ns + 1))
    read = reads(monkeypatch)
    tracks(place)
    assert read == [gaze]


def test_another_screen_in_the_study_makes_them_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracks(place)
    header = place / "study.toml"
    header.write_text(header.read_text().replace("distance_mm = 650.0", "distance_mm = 700.0"))
    read = reads(monkeypatch)
    tracks(place)
    assert len(read) == 1


@pytest.mark.parametrize("left", [0, 100, -3000])
def test_damaged_tracks_are_made_anew(place: Path, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    whole = tracks(place)
    kept = kept_place(place, "p001")
    content = kept.read_bytes()
    kept.write_bytes(content[:left])
    read = reads(monkeypatch)
    assert_same(whole, tracks(place))
    assert len(read) == 1
    tracks(place)
    assert len(read) == 1


def test_tracks_with_a_flipped_byte_are_made_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tracks(place)
    kept = kept_place(place, "p001")
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 0xFF
    kept.write_bytes(content)
    read = reads(monkeypatch)
    assert_same(whole, tracks(place))
    assert len(read) == 1


def test_a_short_recording_is_not_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LEAST_BYTES_KEPT", 1 << 40)
    tracks(place)
    assert not kept_place(place, "p001").exists()


def test_a_study_that_cannot_be_written_to_is_played_all_the_same(place: Path) -> None:
    whole = tracks(place)
    shutil.rmtree(place / "derived" / "tracks")
    (place / "derived" / "tracks").write_text("in the way")
    assert_same(whole, tracks(place))


def test_what_was_kept_of_a_person_is_forgotten(place: Path) -> None:
    tracks(place)
    tracks(place, "p002")
    erase(plan_erasure(place, "p001"))
    assert not kept_place(place, "p001").exists()
    assert_same(tracks(place, "p002"), tracks(place, "p002"))
