"""`emogap agreement` prints tables, and says what it cannot compute."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from emogap.annotation.opening import read_answers
from emogap.annotation.store import open_store
from emogap.errors import DataError, UsageError
from emogap.interfaces.cli import build_app
from emogap.recording.derived import derived_notes
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = SimulationConfig(participants=3, stimuli=7, clip_s=2.0, pause_s=1.0, rate_hz=60, video=False, seed=5)
    return simulate_study(tmp_path_factory.mktemp("agreement") / "study", config, jobs=1)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(build_app(), ["agreement", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_coefficients_are_told_in_lines_with_what_they_assume(study: Path) -> None:
    code, told = run(study, "--question", "emotion7", "--draws", 50)
    assert code == 0
    assert "emotion7 (nominal, 4 annotators)" in told
    assert "not for nominal ratings: cohen_kappa_linear, cohen_kappa_quadratic, icc1" in told
    assert "left out: machine-simulated: a program (--machines counts it)" in told
    assert "krippendorff_alpha: of a single rating" in told


def test_feldts_interval_stands_beside_the_bootstrap(study: Path) -> None:
    code, told = run(study, "--question", "valence", "--method", "cronbach_alpha", "--draws", 50)
    assert code == 0
    assert "Feldt [" in told


def test_a_bare_file_of_words_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text("item,annotator,rating\nc1,ann,fear\nc1,ben,fear\nc2,ann,anger\nc2,ben,fear\nc3,ann,anger\n")
    code, told = run(file, "--method", "krippendorff_alpha,fleiss_kappa", "--draws", 0)
    assert code == 0
    assert "rating (nominal, 2 annotators)" in told
    assert "1 item: one rating, nothing to compare it with" in told
    assert "Fleiss' kappa needs equally many votes" in told


def test_a_store_gives_what_its_files_give(study: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'ratings.db'}"
    with open_store(address, create=True) as store:
        store.add_ratings(read_answers(study), who="test")
    from_files, from_store = (
        run(source, "--method", "krippendorff_alpha", "--draws", 50) for source in (study, address)
    )
    assert from_store == from_files


def test_json_is_one_object_without_nan(study: Path) -> None:
    code, told = run(study, "--method", "gwet_ac1", "--draws", 0, "--json")
    assert code == 0
    words = json.loads(told)["questions"]["emotion7"]
    assert words["results"][0]["low"] is None
    assert "chance agreement" in words["results"][0]["assumes"]


def test_table_vi_says_what_plays_the_items(study: Path) -> None:
    code, told = run(study, "--table-vi", "--draws", 20)
    assert code == 0
    assert "machine, category (emotion7): first and second half of each clip, by machine-simulated" in told
    assert "experts, category (emotion7): expert-1, expert-2, expert-3, expert-4" in told
    assert "truth" not in told


def test_a_machine_without_halves_says_so_once_for_all_three(study: Path, tmp_path: Path) -> None:
    shutil.copytree(study, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "derived")
    told = run(tmp_path / "copy", "--table-vi", "--draws", 0)[1]
    assert "machine             all three      -  one machine (machine-simulated) gives one answer" in told


def test_the_truth_is_opened_only_when_asked(study: Path) -> None:
    code, told = run(study, "--table-vi", "--truth", "--draws", 20)
    assert code == 0
    assert "show another emotion than the one felt" in told
    code, told = run(study, "--table-vi", "--truth", "--draws", 20, "--json")
    assert {row["way"] for row in json.loads(told)["truth"]["categories"]} == {
        "machine",
        "experts",
        "experts + machine",
        "ala-paper",
        "ala-blind",
    }


def test_the_ways_are_drawn_with_the_truth_below(study: Path, tmp_path: Path) -> None:
    figure = tmp_path / "ways.svg"
    code, told = run(study, "--table-vi", "--truth", "--draws", 20, "--figure", figure)
    assert code == 0
    assert f"drawn in {figure}" in told
    drawn = "".join(ElementTree.fromstring(figure.read_text()).itertext())
    assert "first and second half of each clip, by machine-simulated" in drawn
    assert all(name in drawn for name in ("ALA, judged clips", "ala-paper", "true gap", "dawid_skene", "RMSE"))
    run(study, "--table-vi", "--draws", 20, "--figure", figure)
    assert "true gap" not in figure.read_text()


def test_traces_are_recognised_and_measured(tmp_path: Path) -> None:
    """Three people on two films of 60 s: the same answers, so that alpha is 1 wherever the films differ."""
    folder = tmp_path / "ceap" / "3_AnnotationData" / "Transformed"
    folder.mkdir(parents=True)
    for person in ("P1", "P2", "P3"):
        films = [
            {
                "VideoID": film,
                "TimeStamp_Valence_Arousal": [
                    {"TimeStamp": second / 2, "Valence": 5 + side * second / 40, "Arousal": 5}
                    for second in range(1, 121)
                ],
            }
            for film, side in (("V1", 1), ("V2", -1))
        ]
        whole = [{"ParticipantID": person, "Video_Annotation_TransData": films}]
        (folder / f"{person}_Annotation_TransData.json").write_text(
            json.dumps({"ContinuousAnnotation_TransData": whole})
        )
    code, told = run(tmp_path / "ceap", "--draws", 20)
    assert code == 0
    assert "traces of 3 people on 2 films, one value every 0.5 s up to 60 s" in told
    assert ["30", "1.00", "[1.00,", "1.00]"] in [line.split() for line in told.splitlines()]
    code, told = run(tmp_path / "ceap", "--question", "valence", "--draws", 20, "--json", "--figure", tmp_path / "out")
    (valence,) = json.loads(told)["traces"].values()
    assert valence["films"][1]["mean"][-1] == pytest.approx(2)
    assert (tmp_path / "out" / "agreement.svg").is_file()
    for options in (("--method", "icc1"), ("--draws", 0), ("--figure", tmp_path / "traces.svg")):
        with pytest.raises(UsageError):
            run(tmp_path / "ceap", *options)


def votes_of_faces(folder: Path, rows: list[tuple[int, ...]]) -> Path:
    """A file with the columns of FER+."""
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    lines = [f"Training,fer{number:07d}.png,{','.join(map(str, row))}" for number, row in enumerate(rows)]
    path = folder / "fer2013new.csv"
    path.write_text("\n".join([f"Usage,Image name,{names}", *lines]) + "\n")
    return path


def test_counts_of_votes_get_the_two_coefficients_they_support(tmp_path: Path) -> None:
    """Three faces, on each of which all ten votes are alike, and two words in all: both coefficients are 1."""
    file = votes_of_faces(tmp_path, [(10, *[0] * 9), (0, 10, *[0] * 8), (0, 10, *[0] * 8)])
    code, told = run(file, "--draws", 20)
    assert code == 0
    assert "no reliability of a rater" in told
    row, spread = (line.split() for line in told.splitlines() if "faces" in line)
    assert row[:4] == ["faces", "3", "10", "1.000"]
    assert spread == ["faces", *["0.00"] * 6, *["1.00"] * 6]
    code, told = run(file, "--draws", 20, "--json")
    assert json.loads(told)["counts"][0]["kappa"]["estimate"] == pytest.approx(1.0)


@pytest.mark.parametrize("options", [("--method", "icc1"), ("--machines",), ("--draws", 0)])
def test_counts_of_votes_refuse_what_needs_raters(tmp_path: Path, options: tuple[object, ...]) -> None:
    with pytest.raises(UsageError, match="counts"):
        run(votes_of_faces(tmp_path, [(10, *[0] * 9), (0, 10, *[0] * 8)]), *options)


@pytest.mark.parametrize(
    "options", [("--truth",), ("--table-vi", "--machines"), ("--table-vi", "--truth", "--draws", 0), ("--method", ",")]
)
def test_options_that_do_not_go_together_are_refused(study: Path, options: tuple[object, ...]) -> None:
    with pytest.raises(UsageError):
        run(study, *options)


def test_a_rater_twice_on_one_item_is_bad_input(tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text("item,annotator,rating\nc1,ann,fear\nc1,ann,anger\nc1,ben,fear\n")
    with pytest.raises(DataError, match="line 3"):
        run(file)


def test_the_figure_holds_every_coefficient_of_the_table(study: Path, tmp_path: Path) -> None:
    figure = tmp_path / "agreement.svg"
    code, told = run(study, "--question", "emotion7", "--draws", 50, "--figure", figure)
    assert code == 0
    assert f"drawn in {figure}" in told
    assert ("agreement", figure) in derived_notes(study)
    drawn = figure.read_text()
    assert all(name in drawn for name in ("krippendorff_alpha", "fleiss_kappa", "gwet_ac1"))
    with pytest.raises(UsageError, match=r"name it \.svg"):
        run(study, "--figure", tmp_path / "agreement.png")
