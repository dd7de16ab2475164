"""``emogap paper build`` as it is typed, on a run of a small simulated study."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.datasets import BuildConfig, build
from emogap.datasets.header import read_header
from emogap.errors import DataError, MismatchError, UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.paper import writing
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from emogap.models.interface import count_parameters
from emogap.models.zoo import new_model
from emogap.types import LabelView, TaskSpec
from tests.reporting.latex_compiler import compile_latex


def typed(*words: object) -> str:
    result = CliRunner().invoke(build_app(), ["paper", "build", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def written_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def run(road: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a network, a closed form and the floors."""
    folder = tmp_path_factory.mktemp("paper") / "er3-run"
    config = BenchConfig(protocol="er3", models=("linear", "lmf"), splits=("person",), preset="quick", folds=3)
    return run_benchmark(road / "D", config, folder, scoring=Scoring(draws=100)).path


@pytest.fixture(scope="module")
def paper(run: Path, road: Path) -> Path:
    typed(run, run.parent / "paper", "--study", road / "study")
    return run.parent / "paper"


def test_a_second_build_gives_the_same_bytes(run: Path, road: Path, paper: Path, tmp_path: Path) -> None:
    typed(run, tmp_path / "again", "--study", road / "study")
    first, second = written_in(paper), written_in(tmp_path / "again")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert sum(name.endswith(".pdf") for name in first) >= 2


def test_no_path_of_this_machine_is_written(paper: Path, road: Path) -> None:
    assert [name for name, content in written_in(paper).items() if str(road.parent).encode() in content] == []


def test_the_methods_say_what_the_study_is(run: Path, road: Path, paper: Path) -> None:
    """Every number is read from the study's own files here, not from what emogap made of them."""
    study = tomllib.loads((road / "study" / "study.toml").read_text())
    text = (paper / "methods.md").read_text().replace("\\", "")
    sessions = list((road / "study" / "sessions").iterdir())
    trials = sum(len((session / "trials.tsv").read_text().splitlines()) - 1 for session in sessions)
    assert f"Eyes were tracked by {study['tracker']['model']} at a nominal {study['tracker']['rate_hz']:g} Hz." in text
    width, height = study["screen"]["size_px"]
    assert f"The screen had {width} x {height} px" in text
    assert f"{len(sessions)} have a session; {trials} clips were recorded." in text
    assert f"holds {trials} clips of {len(sessions)} simulated people with 3 stimuli." in text
    assert "shortest_s = 0.075, longest_s = 0.425" in text  # the blink rule of the EMER paper
    assert "Nobody was recorded" in text


def test_the_methods_say_how_the_run_was_made(run: Path, paper: Path) -> None:
    record = tomllib.loads((run / "run.toml").read_text())
    text = (paper / "methods.md").read_text().replace("\\", "")
    views = (LabelView.FELT, LabelView.SHOWN)
    shapes = {name: tuple(shape) for name, shape in record["dataset"]["streams"].items()}
    size = count_parameters(new_model("lmf", TaskSpec(views, ("class",), "emotion3", shapes)))
    assert f"lmf ({size:,})".replace(",", "\u00a0") in text
    assert "All networks: Adam, learning rate 0.0001, schedule cosine" in text
    assert "Preset quick: 5 epochs" in text
    assert "never quoted" in text
    assert "3 folds of people were dealt." in text
    assert f"person-0 {record['splits']['person-0']}" in text
    assert f"torch {record['versions']['torch']}" in text
    assert "100 draws of 3 people" in text


def test_rate_and_processing_of_the_checklist_are_those_of_the_methods(paper: Path) -> None:
    """Two medians of one rate, and steps of cleaning followed by "nothing interpolated", contradicted each other."""
    methods, checklist = ((paper / name).read_text().replace("\\", "") for name in ("methods.md", "checklist.md"))
    told = re.search(r"effective rate .* had a median of (\S+) Hz", methods)
    listed = re.search(r"effective rate .* by clip median (\S+) Hz", checklist)
    assert told is not None
    assert listed is not None
    assert told.group(1) == listed.group(1)
    assert "Measured for A10: degrees of visual angle" in checklist
    assert "for these measures" not in checklist
    assert "Primary metric of classes: UAR." in methods


def test_what_no_file_says_is_red_and_counted(run: Path, paper: Path, tmp_path: Path) -> None:
    told = json.loads(typed(run, tmp_path / "p", "--json"))
    without_study = (tmp_path / "p" / "methods.md").read_text()
    assert "to be added: eye tracker" in without_study
    assert "to be added: eye tracker" not in (paper / "methods.md").read_text()
    assert without_study.count("color: #b00020") == told["gaps"]["methods"]
    assert (tmp_path / "p" / "checklist.md").read_text().count("color: #b00020") == told["gaps"]["checklist"] > 0
    assert r"\textcolor[HTML]{B00020}" in (tmp_path / "p" / "methods.tex").read_text()
    assert '<td class="gap">the nominal rate</td>' in (tmp_path / "p" / "checklist.html").read_text()


def test_simulated_results_are_coloured_everywhere(paper: Path) -> None:
    assert r"\color[HTML]{8A4B08}" in (paper / "tables" / "er3.tex").read_text()
    assert "Simulated people" in (paper / "tables" / "er3.md").read_text()
    document = (paper / "paper.tex").read_text()
    assert document.count(r"\begin{figure}[htbp]\color[HTML]{8A4B08}") == document.count(r"\begin{figure}")


def test_the_document_takes_in_every_table_and_figure_once(paper: Path) -> None:
    document = (paper / "paper.tex").read_text()
    for path in (paper / "tables").glob("*.tex"):
        assert document.count(rf"\input{{tables/{path.stem}}}") == 1
    for path in (paper / "figures").glob("*.pdf"):
        assert document.count(rf"{{figures/{path.name}}}") == 1
        assert path.with_suffix(".svg").is_file()
    begun = re.findall(r"\\begin\{(\w+)\}", document)
    assert sorted(begun) == sorted(re.findall(r"\\end\{(\w+)\}", document))


def test_the_document_compiles_as_it_stands(paper: Path, tmp_path: Path) -> None:
    before = written_in(paper)
    log = compile_latex(paper / "paper.tex", tmp_path)
    assert "Overfull" not in log
    assert "Missing character" not in log
    assert len(re.findall(r"<figures/\w+\.pdf, id=", log)) == sum(name.endswith(".pdf") for name in before)
    assert written_in(paper) == before


def test_the_index_names_every_file_with_its_fingerprint(paper: Path) -> None:
    index = (paper / "index.md").read_text()
    record = json.loads((paper / "emogap-paper.json").read_text())["files"]
    assert set(record) == set(written_in(paper)) - {"emogap-paper.json"}
    for name in set(record) - {"index.md"}:
        assert f"]({name})" in index


def test_cards_state_the_notice_and_what_is_not_known(paper: Path) -> None:
    for name in ("data_card.md", "model_card.md"):
        text = (paper / name).read_text()
        assert "read feelings" in text
        assert "#b00020" in text
    assert "simulated people only" in (paper / "model_card.md").read_text()


def test_a_folder_that_somebody_wrote_in_is_left_alone(run: Path, tmp_path: Path) -> None:
    typed(run, tmp_path / "p")
    typed(run, tmp_path / "p")
    methods = tmp_path / "p" / "methods.md"
    methods.write_text(methods.read_text() + "by hand\n")
    with pytest.raises(UsageError, match=r"methods\.md was changed"):
        typed(run, tmp_path / "p")
    assert methods.read_text().endswith("by hand\n")
    with pytest.raises(UsageError, match="no folder of 'emogap paper build'"):
        typed(run, run)


def test_runs_in_other_folds_are_not_put_together(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(run, other)
    text = (other / "run.toml").read_text()
    fingerprint = tomllib.loads(text)["splits"]["person-0"]
    (other / "run.toml").write_text(text.replace(fingerprint, "0" * 16))
    with pytest.raises(MismatchError, match="folds"):
        typed(run, other, tmp_path / "p", "--together")
    assert not (tmp_path / "p").exists()
    (other / "run.toml").write_text(text)
    typed(run, other, tmp_path / "p", "--together")
    assert "er3-run: models" in (tmp_path / "p" / "tables" / "er3.md").read_text()


def test_builds_of_one_study_are_told_apart_and_share_a_checklist(run: Path, road: Path, tmp_path: Path) -> None:
    build(road / "study", tmp_path / "D", BuildConfig(eye_steps=16), jobs=1)
    first, second = (read_header(folder).fingerprint for folder in (road / "D", tmp_path / "D"))
    shutil.copytree(run, tmp_path / "other")
    record = tmp_path / "other" / "run.toml"
    record.write_text(record.read_text().replace(first, second).replace(str(road / "D"), str(tmp_path / "D")))
    typed(run, tmp_path / "other", tmp_path / "p", "--study", road / "study")
    name = read_header(road / "D").name
    told = [f"{name}, build {mark[:8]}" for mark in (first, second)]
    methods = (tmp_path / "p" / "methods.md").read_text()
    assert all(each in methods for each in told)
    assert f"{told[0]} and {told[1]}" in (tmp_path / "p" / "checklist.md").read_text()


def test_another_study_is_refused_before_it_is_measured(
    run: Path, road: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "measure_study", lambda *_, **__: pytest.fail("the study was measured"))
    study = tmp_path / "study"
    shutil.copytree(road / "study", study)
    text = (study / "study.toml").read_text()
    name = tomllib.loads(text)["name"]
    (study / "study.toml").write_text(text.replace(name, "another"))
    with pytest.raises(MismatchError, match="no result was made from the study another"):
        typed(run, tmp_path / "p", "--study", study)


def test_data_that_are_gone_leave_gaps_and_other_data_are_refused(run: Path, tmp_path: Path) -> None:
    moved = tmp_path / "run"
    shutil.copytree(run, moved)
    text = (moved / "run.toml").read_text()
    record = tomllib.loads(text)
    (moved / "run.toml").write_text(text.replace(record["dataset"]["path"], str(tmp_path / "gone")))
    typed(moved, tmp_path / "p")
    assert "no longer where its run says" in (tmp_path / "p" / "index.md").read_text()
    (moved / "run.toml").write_text(text.replace(record["dataset"]["fingerprint"], "f" * 16))
    with pytest.raises(MismatchError, match="ffffffffffffffff"):
        typed(moved, tmp_path / "q")


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        typed(tmp_path / "nowhere", tmp_path / "p")
    with pytest.raises(UsageError, match="neither a run nor an experiment"):
        typed(tmp_path, tmp_path / "p")
    (tmp_path / "run.toml").write_text("schema = 1\n")
    with pytest.raises(DataError, match=r"no scores\.json"):
        typed(tmp_path, tmp_path / "p")


def test_experiments_bring_their_tables_and_figures(run: Path, road: Path, tmp_path: Path) -> None:
    place = tmp_path / "R"
    shutil.copytree(run, place / "runs" / "er3-1")
    folder = place / "emer_table_05"
    (folder / "figures").mkdir(parents=True)
    (folder / "experiment.toml").write_text(
        'schema = 1\njob = "1"\nname = "emer_table_05"\ntitle = "Modalities"\nkind = "ablation"\n'
        f'is_finished = true\n[data]\npath = "{road / "D"}"\nname = "D"\nfingerprint = "another since then"\n'
    )
    cells = [{"value": value, "low": None, "high": None, "note": "", "is_ranked": True} for value in ("eye", 0.285)]
    column = {"heading": "", "decimals": 0, "better": ""}
    columns = [
        {"name": "a", "title": "streams", "unit": "", **column},
        {"name": "b", "title": "WAR", "unit": "percent", **column},
    ]
    table = {
        "name": "emer_table_05", "title": "Modalities", "caption": "One run.", "columns": columns, "rows": [cells],
        "row_groups": [""], "is_simulated": True, "notes": [],
    }  # fmt: skip
    content = {
        "schema": 1, "tables": [table], "figures": {"emer_table_05": "A curve."}, "notes": ["A note."],
        "runs": ["../runs/er3-1"], "failures": ["a fit failed"],
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(content))
    (folder / "figures" / "emer_table_05.svg").write_text('<svg viewBox="0 0 9 9"><path d="M0 0 L9 9"/></svg>')
    (place / "unfinished").mkdir()
    (place / "unfinished" / "experiment.toml").write_text("schema = 1\n")
    typed(place, tmp_path / "p")
    assert "| eye | 29 |" in (tmp_path / "p" / "tables" / "emer_table_05.md").read_text()
    assert (tmp_path / "p" / "figures" / "emer_table_05.pdf").is_file()
    index = (tmp_path / "p" / "index.md").read_text().replace("\\", "")
    assert "emer_table_05: a fit failed" in index
    assert "unfinished has no result yet" in index
    assert "never to be quoted: emer_table_05" in index
    assert re.search(r"\| er3-1 \| run of er3 on [\w-]+, for emer_table_05 \|", index)
    assert "Preset quick: 5 epochs" in (tmp_path / "p" / "methods.md").read_text()
    (folder / "result.json").write_text(json.dumps(content)[:50])
    with pytest.raises(DataError, match="cannot be read") as caught:
        typed(place, tmp_path / "p")
    assert caught.value.fix.startswith("run the same 'emogap run' again")


def test_every_latex_file_is_well_formed(paper: Path) -> None:
    """Braces and environments close in order, and every line of a table fills all of its columns."""
    files = sorted(paper.rglob("*.tex"))
    assert len(files) >= 5
    for path in files:
        text = re.sub(r"(?m)^%.*$", "", path.read_text())
        assert not [character for character in text if ord(character) > 0xFF], path.name
        plain = re.sub(r"\\[\\{}&%$#_]", "", text)
        assert plain.count("{") == plain.count("}"), path.name
        assert plain.count("$") % 2 == 0, path.name
        assert not re.search(r"[#_]", re.sub(r"\\(input|includegraphics)[^\n]*|\\label\{[^}]*\}", "", plain)), path.name
        open_now: list[str] = []
        for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
            if word == "begin":
                open_now.append(name)
            else:
                assert open_now.pop() == name, path.name
        assert not open_now, path.name
        for body in re.findall(r"\\begin\{(?:tabular|longtable)\}(.*?)\\end\{(?:tabular|longtable)\}", text, re.DOTALL):
            rows = [line for line in body.splitlines() if line.endswith(r"\\") and not line.startswith(r"\caption")]
            spans = [sum(int(number) - 1 for number in re.findall(r"\\multicolumn\{(\d+)\}", row)) for row in rows]
            cells = [len(re.findall(r"(?<!\\)&", row)) + 1 + more for row, more in zip(rows, spans, strict=True)]
            assert len(set(cells)) == 1, (path.name, cells)


def test_an_experiment_without_runs_still_tells_of_its_data(road: Path, tmp_path: Path) -> None:
    folder = tmp_path / "figure"
    folder.mkdir()
    fingerprint = read_header(road / "D").fingerprint
    (folder / "experiment.toml").write_text(
        'schema = 1\njob = "1"\nname = "figure"\ntitle = "Labels"\nkind = "distribution"\n'
        f'is_finished = true\n[data]\npath = "{road / "D"}"\nname = "D"\nfingerprint = "{fingerprint}"\n'
    )
    nothing: dict[str, object] = {"tables": [], "figures": {}, "notes": [], "runs": [], "failures": []}
    (folder / "result.json").write_text(json.dumps({"schema": 1, **nothing}))
    typed(folder, tmp_path / "p", "--study", road / "study")
    text = (tmp_path / "p" / "methods.md").read_text()
    assert f"(fingerprint {fingerprint}) holds 9 clips of 3 simulated people" in text
    assert "Training" not in text
    assert (tmp_path / "p" / "figures" / "exclusions.pdf").is_file()
