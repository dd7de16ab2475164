"""A build can be stopped, taken up, repeated and divided among processes, and gives the same bytes."""

import shutil
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from emogap.datasets.build import BuildReport, build
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Cut
from emogap.datasets.store import open_dataset
from emogap.errors import DataError, MismatchError, OutputError, UnknownNameError, UsageError

CONFIG = BuildConfig(catalogue="ceap360vr")

BUILD_MODULE = import_module("emogap.datasets.build")

FIXATIONS = "4_BehaviorData/EM_Fixation/P2_Behavior_FixationData.json"


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def build_here(source: Path, out: Path, *, jobs: int = 1) -> BuildReport:
    return build(source, out, CONFIG, jobs=jobs)


def test_the_number_of_processes_leaves_no_trace(ceap_folder: Path, tmp_path: Path) -> None:
    build_here(ceap_folder, tmp_path / "one", jobs=1)
    build_here(ceap_folder, tmp_path / "two", jobs=2)
    assert content_of(tmp_path / "one") == content_of(tmp_path / "two")


def test_a_moved_source_gives_the_same_bytes(ceap_folder: Path, tmp_path: Path) -> None:
    build_here(ceap_folder, tmp_path / "here")
    build_here(Path(shutil.move(ceap_folder, tmp_path / "elsewhere")), tmp_path / "there")
    assert content_of(tmp_path / "here") == content_of(tmp_path / "there")


def test_a_killed_build_goes_on_where_it_stopped(
    ceap_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_here(ceap_folder, tmp_path / "whole")
    done: list[Path] = []

    def write_two_then_die(path: Path, cut: Cut) -> None:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(path)
        write_part(path, cut)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(BUILD_MODULE, "write_part", write_two_then_die)
        build_here(ceap_folder, tmp_path / "killed")
    with pytest.raises(DataError, match="not finished"):
        open_dataset(tmp_path / "killed")
    written: list[Path] = []
    monkeypatch.setattr(BUILD_MODULE, "write_part", lambda path, cut: (written.append(path), write_part(path, cut)))
    build_here(ceap_folder, tmp_path / "killed")
    assert (len(done), len(written)) == (2, 1)
    assert content_of(tmp_path / "killed") == content_of(tmp_path / "whole")


def test_a_second_build_finds_the_first(ceap_folder: Path, tmp_path: Path) -> None:
    assert not build_here(ceap_folder, tmp_path / "D").was_there
    before = content_of(tmp_path / "D")
    assert build_here(ceap_folder, tmp_path / "D").was_there
    assert content_of(tmp_path / "D") == before


def test_a_full_disk_loses_no_finished_job(ceap_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_one(path: Path, cut: Cut) -> None:
        if "P2" in path.name:
            raise OutputError("could not write: No space left on device", where=str(path))
        write_part(path, cut)

    with monkeypatch.context() as patch, pytest.raises(OutputError, match="No space left"):
        patch.setattr(BUILD_MODULE, "write_part", write_one)
        build_here(ceap_folder, tmp_path / "D")
    assert [path.name[:2] for path in (tmp_path / "D" / "work").glob("*.npz")] == ["P1"]
    assert build_here(ceap_folder, tmp_path / "D").header.num_samples == 6


def test_what_cannot_be_read_is_listed_and_the_rest_is_saved(ceap_folder: Path, tmp_path: Path) -> None:
    good = (ceap_folder / FIXATIONS).read_bytes()
    (ceap_folder / FIXATIONS).write_bytes(good[:-9])
    report = build_here(ceap_folder, tmp_path / "D")
    assert [item for item, _ in report.failures] == ["P2"]
    assert "P2_Behavior_FixationData.json, line 1" in report.failures[0][1]
    assert report.header.num_samples == 4
    assert (report.header.num_failed, report.header.num_excluded) == (1, 0)


def test_a_repaired_file_is_all_that_is_done_again(ceap_folder: Path, tmp_path: Path) -> None:
    build_here(ceap_folder, tmp_path / "good")
    good = (ceap_folder / FIXATIONS).read_bytes()
    (ceap_folder / FIXATIONS).write_bytes(b"{}")
    build_here(ceap_folder, tmp_path / "D")
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "D" / "work").glob("*.npz")}
    assert len(kept) == 2
    (ceap_folder / FIXATIONS).write_bytes(good)
    assert not build_here(ceap_folder, tmp_path / "D").failures
    assert content_of(tmp_path / "D") == content_of(tmp_path / "good")


def test_a_changed_source_is_not_built_over_a_complete_data_set(ceap_folder: Path, tmp_path: Path) -> None:
    build_here(ceap_folder, tmp_path / "D")
    (ceap_folder / FIXATIONS).write_text((ceap_folder / FIXATIONS).read_text().replace("90.0", "91.0"))
    with pytest.raises(MismatchError, match="the source changed"):
        build_here(ceap_folder, tmp_path / "D")


def test_another_preset_needs_another_folder(ceap_folder: Path, tmp_path: Path) -> None:
    build_here(ceap_folder, tmp_path / "D")
    with pytest.raises(UsageError, match="cleaning is emer, not none"):
        build(ceap_folder, tmp_path / "D", CONFIG.model_copy(update={"cleaning": "none"}))


def test_a_folder_with_something_else_is_left_alone(ceap_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("precious")
    with pytest.raises(UsageError, match="it is not empty"):
        build_here(ceap_folder, tmp_path / "thesis")
    assert content_of(tmp_path / "thesis") == {"chapter.tex": b"precious"}


def test_a_source_where_everything_fails_is_an_error(ceap_folder: Path, tmp_path: Path) -> None:
    (ceap_folder / "1_Stimuli" / "VideoInfo.json").write_text("{}")
    with pytest.raises(DataError, match=r"no clip is left .*3 left out"):
        build_here(ceap_folder, tmp_path / "D")


def test_an_unknown_catalogue_entry_names_the_nearest(ceap_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'ceap360vr'"):
        build(ceap_folder, tmp_path / "D", CONFIG.model_copy(update={"catalogue": "ceap360"}))


def test_every_recording_says_what_was_done_with_it(ceap_folder: Path, tmp_path: Path) -> None:
    build_here(ceap_folder, tmp_path / "D")
    steps = pl.read_parquet(tmp_path / "D" / "quality.parquet")["steps"].str.json_decode(
        pl.List(pl.Struct({"name": pl.String()}))
    )
    assert (steps.list.len() > 0).all()
