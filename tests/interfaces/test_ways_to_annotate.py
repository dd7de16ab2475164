"""Table VI on a simulated study, on halves of clips, and on a bare file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import polars as pl
import pytest

from emogap.annotation.opening import open_ratings
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.ways_to_annotate import (
    WAYS,
    WayAgreement,
    accepted_items,
    compare_ways,
    felt_answers,
    filled_by_acceptance,
)
from emogap.simulation.config import SimulationConfig
from emogap.simulation.raters import confusion_matrix
from emogap.simulation.study import simulate_study
from emogap.types import vocabulary

MACHINE = "machine-simulated"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Five people, seven films, four experts and a machine on all 35 clips."""
    config = SimulationConfig(participants=5, stimuli=7, clip_s=2.0, pause_s=1.0, rate_hz=60, video=False, seed=3)
    return simulate_study(tmp_path / "study", config, jobs=1)


def by_cell(cells: tuple[WayAgreement, ...]) -> dict[tuple[str, str], WayAgreement]:
    return {(cell.way, cell.label): cell for cell in cells}


def keep_halves(study: Path, *, valence: bool) -> pl.DataFrame:
    """What annotate auto keeps of a network: labels (and valence) of both halves of each clip."""
    rng = np.random.default_rng(8)
    items = open_ratings(study)["emotion7"].items
    first = rng.choice(vocabulary("emotion7"), len(items))
    second = np.where(rng.random(len(items)) < 0.7, first, rng.choice(vocabulary("emotion7"), len(items)))
    kept = pl.DataFrame({"item": items, "emotion7_first_half": first, "emotion7_second_half": second})
    if valence:
        base = rng.uniform(-1, 1, len(items))
        noise = rng.normal(0, 0.2, (2, len(items)))
        kept = kept.with_columns(valence_first_half=base + noise[0], valence_second_half=base + noise[1])
    folder = study / "derived" / "annotate" / "simulated"
    kept.write_parquet(folder / "clips.parquet")
    return kept


def test_every_way_is_there_for_category_valence_and_arousal(study: Path) -> None:
    cells = compare_ways(study, draws=20)
    labels = ("category", "valence", "arousal")
    assert [(cell.way, cell.label) for cell in cells] == [(way, label) for way in WAYS for label in labels]


def test_the_alpha_of_experts_is_pingouins(study: Path) -> None:
    cells = by_cell(compare_ways(study, draws=0))
    table = open_ratings(study)["valence"]
    rating = pd.DataFrame(table.rating, columns=table.annotators)
    for way, annotators in (("experts", [c for c in rating if c != MACHINE]), ("experts + machine", list(rating))):
        alpha = cells[way, "valence"].alpha
        assert alpha is not None
        assert alpha.estimate == pytest.approx(pingouin.cronbach_alpha(rating[annotators])[0], abs=1e-9)


def test_one_machine_without_halves_has_no_alpha_and_says_why(study: Path) -> None:
    (study / "derived/annotate/simulated/clips.parquet").unlink()
    cell = by_cell(compare_ways(study, draws=0))["machine", "category"]
    assert cell.alpha is None
    assert cell.why is not None
    assert "annotate auto" in cell.why


def test_halves_of_clips_play_the_items_of_a_single_machine(study: Path) -> None:
    kept = keep_halves(study, valence=True)
    cells = by_cell(compare_ways(study, draws=0))
    halves = kept.select("valence_first_half", "valence_second_half").to_pandas().clip(-1, 1)
    alpha = cells["machine", "valence"].alpha
    assert alpha is not None
    assert alpha.estimate == pytest.approx(pingouin.cronbach_alpha(halves)[0], abs=1e-9)
    assert cells["machine", "category"].alpha is not None
    assert cells["machine", "category"].played_by == f"first and second half of each clip, by {MACHINE}"


def test_the_simulated_machine_agrees_with_itself_as_its_confusion_matrix_says(tmp_path: Path) -> None:
    """Two parallel halves with errors apart: alpha = 2 r / (1 + r), r = variance of what the shown emotion explains.

    With p the row of the matrix of each clip's shown emotion, r is the variance of p over clips, added up over words,
    against that of the words themselves, m (1 - m) with m the mean of p.
    """
    config = SimulationConfig(participants=30, stimuli=14, clip_s=2.0, pause_s=0.5, rate_hz=60, video=False, seed=7)
    study = simulate_study(tmp_path / "study", config, jobs=1)
    truth = pl.read_parquet(study / "truth.parquet")
    row = confusion_matrix(0.65)[[vocabulary("emotion7").index(word) for word in truth["shown_emotion7"]]]
    share = row.mean(axis=0)
    explained = row.var(axis=0).sum() / (share * (1 - share)).sum()
    alpha = by_cell(compare_ways(study, draws=500))["machine", "category"].alpha
    assert alpha is not None
    assert alpha.low < 2 * explained / (1 + explained) < alpha.high
    assert alpha.high - alpha.low < 0.2


def test_valence_only_where_the_network_gives_it(study: Path) -> None:
    keep_halves(study, valence=False)
    cells = by_cell(compare_ways(study, draws=0))
    assert cells["machine", "category"].alpha is not None
    assert cells["machine", "valence"].alpha is None


def test_a_damaged_table_of_halves_is_named(study: Path) -> None:
    keep_halves(study, valence=False)
    (study / "derived/annotate/simulated/clips.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"clips\.parquet"):
        compare_ways(study, draws=0)


def test_ala_accepts_where_machine_and_participant_say_the_same(study: Path) -> None:
    """Recomputed from the files themselves; on accepted clips everybody then says the same."""
    table = open_ratings(study)["emotion7"]
    words = dict(zip(table.items, table.rating[:, table.annotators.index(MACHINE)].astype(int), strict=True))
    reported = {
        f"{session.name}/{row['stimulus_id']}": row["emotion7"]
        for session in (study / "sessions").iterdir()
        for row in pl.read_csv(session / "selfreport.tsv", separator="\t").to_dicts()
    }
    expected = {item for item, word in words.items() if table.categories[word] == reported[item]}
    accepted = accepted_items(table, "emotion7", MACHINE, felt_answers(study)["emotion7"])
    assert accepted == expected
    assert 0 < len(accepted) < len(table.items)
    filled = filled_by_acceptance(table, MACHINE, accepted)
    for item, row, before in zip(table.items, filled.rating, table.rating, strict=True):
        assert len(set(row)) == 1 if item in accepted else np.array_equal(row, before)


def test_accepted_clips_lift_alpha_and_the_judged_ones_show_it(study: Path) -> None:
    cells = by_cell(compare_ways(study, draws=0))
    alphas = [cells[way, "category"].alpha for way in ("experts + machine", "ALA", "ALA, judged clips")]
    both, ala, judged = (alpha.estimate for alpha in alphas if alpha is not None)
    assert judged < both < ala
    assert all(alpha is not None for alpha in alphas)


def test_a_file_without_self_reports_has_no_ala(study: Path, tmp_path: Path) -> None:
    rows = [path.read_text().splitlines() for path in sorted((study / "ratings").glob("*.csv"))]
    bare = tmp_path / "all.csv"
    bare.write_text("\n".join([rows[0][0], *(row for file in rows for row in file[1:])]) + "\n")
    cells = by_cell(compare_ways(bare, draws=0))
    assert cells["experts", "category"].alpha is not None
    assert cells["ALA", "category"].why == "ALA compares the machine with self-reports, which only a study has"


def test_several_machines_are_compared_with_each_other(study: Path) -> None:
    text = (study / "ratings" / f"{MACHINE}.csv").read_text()
    (study / "ratings" / "machine-other.csv").write_text(text.replace(MACHINE, "machine-other"))
    cells = by_cell(compare_ways(study, draws=0))
    assert cells["machine", "category"].played_by == "machine-other, machine-simulated"
    assert cells["ALA", "category"].why == "ALA has one machine, here are 2 (--machine names one)"
    chosen = by_cell(compare_ways(study, machine=MACHINE, draws=0))
    assert chosen["ALA", "category"].alpha is not None
    with pytest.raises(UnknownNameError, match="machine-other"):
        compare_ways(study, machine="machine-othr", draws=0)


def test_a_question_of_numbers_is_no_category(study: Path) -> None:
    with pytest.raises(UsageError, match="'valence' is no question that was answered in words"):
        compare_ways(study, question="valence")


def test_experts_alone_have_their_row(tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text(
        "item,annotator,rating\n"
        + "".join(
            f"c{item},{annotator},{'ab'[(item + (annotator == 'x')) // 3 % 2]}\n"
            for item in range(7)
            for annotator in "xyz"
        )
    )
    cells = by_cell(compare_ways(file, draws=0))
    assert cells["experts", "category"].alpha is not None
    assert cells["machine", "category"].why == "no machine gives rating"
    assert cells["experts", "valence"].why == "was not asked"
