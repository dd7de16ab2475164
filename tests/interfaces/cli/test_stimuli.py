"""``emogap stimuli``."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from emogap.annotation.store import open_store
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app

VOTES = """item,annotator,rating
c1,ann,fear
c1,ben,fear
c1,cho,fear
c2,ann,fear
c2,ben,joy
c2,cho,fear
c3,ann,joy
c3,ben,joy
c3,cho,joy
c4,ann,joy
c4,ben,fear
"""


def write_film(path: Path, *, level: int, seconds: float = 1.0, tone: float | None = None) -> None:
    """A grey film of 48 x 32 pixels at 10 Hz, with a tone of 48 kHz if a level is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 48, 32, "yuv420p"
        audio = None if tone is None else container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for place in range(round(seconds * 10)):
            frame = av.VideoFrame.from_ndarray(np.full((32, 48, 3), level, np.uint8), format="rgb24")
            frame.pts = place
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            wave = tone * np.sin(2 * np.pi * 997 * np.arange(48_000 * seconds) / 48_000)
            sound = av.AudioFrame.from_ndarray((wave * 32767).astype(np.int16)[None], format="s16", layout="mono")
            sound.sample_rate = 48_000
            container.mux(audio.encode(sound))
            container.mux(audio.encode(None))


@pytest.fixture
def candidates(tmp_path: Path) -> Path:
    (tmp_path / "candidates.tsv").write_text("stimulus_id\tfile\n" + "".join(f"c{i}\tc{i}.mp4\n" for i in range(1, 6)))
    (tmp_path / "votes.csv").write_text(VOTES)
    return tmp_path / "candidates.tsv"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(build_app(), ["stimuli", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_select_says_what_was_chosen_what_is_undecided_and_who_has_no_vote(candidates: Path) -> None:
    out = candidates.with_name("chosen.tsv")
    code, text = run("select", candidates, candidates.with_name("votes.csv"), "-k", 2, "--draws", 60, "--out", out)
    assert code == 0
    assert "3 of 3 votes" in text
    assert "undecided  c4" in text
    assert "c5 is a candidate without a vote" in text
    assert "joy has 1 of 2 stimuli" in text
    assert out.read_text().splitlines()[:2] == [
        "stimulus_id\tfile\tchosen_class\tvotes\tnum_votes",
        "c1\tc1.mp4\tfear\t3\t3",
    ]


def test_select_as_json_holds_the_agreement(candidates: Path) -> None:
    _, text = run("select", candidates, candidates.with_name("votes.csv"), "--draws", 60, "--json")
    assert json.loads(text[: text.rindex("}") + 1])["agreement"]["clusters"] == "4 candidates"


def test_votes_about_a_stranger_are_refused(candidates: Path) -> None:
    candidates.write_text("stimulus_id\nc1\nc2\nc3\n")
    with pytest.raises(DataError, match=r"about c4, which is no candidate \(1 such"):
        run("select", candidates, candidates.with_name("votes.csv"))


def test_unknown_rules_and_actions_are_refused(candidates: Path) -> None:
    with pytest.raises(UnknownNameError, match="rule for ties"):
        run("select", candidates, candidates.with_name("votes.csv"), "--ties", "coin")
    with pytest.raises(UnknownNameError, match="action"):
        run("pick", candidates)
    with pytest.raises(UsageError, match="needs the experts' votes"):
        run("select", candidates)


def test_check_finds_the_class_that_brightness_gives_away(tmp_path: Path) -> None:
    for place in range(3):
        write_film(tmp_path / "films" / "fear" / f"f{place}.avi", level=40 + place, tone=0.5)
        write_film(tmp_path / "films" / "joy" / f"j{place}.avi", level=200 + place, tone=0.5)
    code, text = run("check", tmp_path / "films", "--draws", 99, "--out", tmp_path / "out", "--json")
    content = json.loads(text[text.index("{") :])
    assert code == 0
    assert content["predictions"]["luminance"]["uar"] == 1
    assert content["predictions"]["luminance"]["num_units"] == 6
    assert content["not_predicted"]["duration_s"] == "the same for all (1)"
    dark, bright = (content["stimuli"][place]["value"] for place in (0, 3))
    assert dark["loudness_lufs"] == pytest.approx(-9.03, abs=0.05)  # -3.01 for full scale, less 6.02 dB
    assert bright["luminance"] == pytest.approx(0.578, abs=0.01)  # sRGB 200
    assert (dark["motion"], dark["num_faces"]) == (0, 0)
    assert (tmp_path / "out" / "stimulus_properties.tsv").read_text().count("\n") == 7


def test_check_of_a_study_without_films_takes_the_luminance_tables(tmp_path: Path) -> None:
    rows = ["stimulus_id\tstimulus_group\ttarget_emotion7\tduration_s\tfile"]
    (tmp_path / "stimuli").mkdir()
    for place, (emotion, level) in enumerate([("fear", 0.1), ("fear", 0.2), ("neutral", 0.7), ("neutral", 0.9)]):
        rows.append(f"s{place}\ts{place}\t{emotion}\t{8 + place}\t")
        (tmp_path / "stimuli" / f"s{place}.luminance.tsv").write_text(f"time_s\tluminance\n0\t{level}\n1\t{level}\n")
    (tmp_path / "stimuli.tsv").write_text("\n".join(rows) + "\n")
    code, text = run("check", tmp_path, "--draws", 99)
    assert code == 0
    assert "not measured of any stimulus" in text
    assert "luminance (share of white)" in text


def test_a_film_that_is_not_there_or_broken_is_said_and_the_rest_is_measured(tmp_path: Path) -> None:
    write_film(tmp_path / "good.avi", level=90)
    (tmp_path / "bad.avi").write_bytes(b"no film")
    (tmp_path / "stimuli.tsv").write_text(
        "stimulus_id\ttarget_emotion7\tfile\na\tfear\tgood.avi\nb\tfear\tbad.avi\nc\tjoy\tgone.avi\n"
    )
    code, text = run("check", tmp_path, "--detector", "none")
    assert code == 1
    assert "not a readable video" in text
    assert "the film gone.avi is not there" in text
    assert "known are 1 stimulus of 1 class" in text


def test_a_folder_without_films_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"neither stimuli\.tsv nor a film"):
        run("check", tmp_path)


def test_an_agreement_that_is_not_defined_is_null_in_json(tmp_path: Path) -> None:
    """One vote per candidate has no interval; its limits were written as NaN, which is no JSON."""
    (tmp_path / "candidates.tsv").write_text("stimulus_id\nc1\nc2\n")
    (tmp_path / "votes.csv").write_text("item,annotator,rating\nc1,ann,fear\nc2,ann,joy\n")
    arguments = ["stimuli", "select", str(tmp_path / "candidates.tsv"), str(tmp_path / "votes.csv"), "--json"]
    result = CliRunner().invoke(build_app(), arguments)
    assert result.exit_code == 0, result.output
    assert "NaN" not in result.stdout
    assert json.loads(result.stdout)["agreement"]["low"] is None


def test_a_table_without_stimuli_is_refused_in_words(tmp_path: Path) -> None:
    """It ended in a traceback."""
    (tmp_path / "stimuli.tsv").write_text("stimulus_id\ttarget_emotion7\n")
    result = CliRunner().invoke(build_app(), ["stimuli", "check", str(tmp_path)])
    assert isinstance(result.exception, DataError)
    assert "no stimulus" in str(result.exception)


def test_votes_may_lie_in_a_store(tmp_path: Path) -> None:
    """The address was taken for a path, which has one slash where it has three."""
    address = f"sqlite:///{tmp_path}/votes.db"
    with open_store(address, create=True) as store:
        for item, word in (("c1", "fear"), ("c2", "anger")):
            for annotator in ("ann", "ben"):
                store.add_rating(item, annotator=annotator, question="emotion7", rating=word, who=annotator)
    (tmp_path / "candidates.tsv").write_text("stimulus_id\nc1\nc2\n")
    arguments = ["stimuli", "select", str(tmp_path / "candidates.tsv"), address, "-k", "1", "--json"]
    result = CliRunner().invoke(build_app(), arguments)
    assert result.exit_code == 0, result.output
    assert {chosen["stimulus_id"] for chosen in json.loads(result.stdout)["chosen"]} == {"c1", "c2"}


def test_a_column_of_the_candidates_is_not_written_over(candidates: Path) -> None:
    candidates.write_text(candidates.read_text().replace("stimulus_id\tfile", "stimulus_id\tvotes"))
    out = candidates.with_name("chosen.tsv")
    with pytest.raises(UsageError, match="have a column 'votes' already"):
        run("select", candidates, candidates.with_name("votes.csv"), "-k", 2, "--draws", 60, "--out", out)
    assert not out.exists()
