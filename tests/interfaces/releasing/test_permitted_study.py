"""The study that a release reads: gaze and video are there where they are permitted, as links or as copies."""

import errno
from pathlib import Path

import pytest

from emogap.interfaces.releasing.choice import Permission
from emogap.interfaces.releasing.permitted_study import write_permitted_study
from emogap.recording.study import open_study
from tests.interfaces.small_study import write_study


@pytest.mark.parametrize("may_link", [True, False])
def test_gaze_and_video_are_there_where_links_are_not_permitted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_link: bool
) -> None:
    source = write_study(tmp_path / "study")
    (source / "sessions" / "p01" / "gaze.tsv").write_bytes(b"gaze of p01")
    (source / "sessions" / "p01" / "face.mp4").write_bytes(b"face of p01")

    def refused(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "a required privilege is not held by the client")

    if not may_link:
        monkeypatch.setattr(Path, "symlink_to", refused)
    people = [Permission("p01", ("gaze", "face")), Permission("p02", ("gaze",))]
    study = open_study(source, with_sessions=False)
    assert write_permitted_study(study, people, {"p01": "a", "p02": "b"}, tmp_path / "permitted") == []
    gaze, face = (tmp_path / "permitted" / "sessions" / "a" / name for name in ("gaze.tsv", "face.mp4"))
    assert (gaze.read_bytes(), face.read_bytes()) == (b"gaze of p01", b"face of p01")
    assert (gaze.is_symlink(), face.is_symlink()) == (may_link, may_link)
    assert not (tmp_path / "permitted" / "sessions" / "b" / "face.mp4").exists()
