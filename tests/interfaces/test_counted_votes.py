"""Agreement, consensus and gap of files of counts."""

import csv
import json
import math
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from typer.testing import CliRunner

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.counted_votes import (
    agreement_of_counts,
    consensus_of_counts,
    gap_of_counts,
    open_counts,
    write_consensus_of_counts,
)

SVG = "{http://www.w3.org/2000/svg}"
CREMAD = ["", "A", "D", "F", "H", "N", "S", "fileName", "numResponses", "emoVote"]
CLIPS = {
    "1001_IEO_HAP_LO": [0, 0, 0, 4, 0, 0],
    "1002_IEO_HAP_XX": [0, 0, 0, 2, 2, 0],
    "1001_DFA_SAD_XX": [0, 0, 0, 0, 1, 3],
    "1002_DFA_SAD_XX": [0, 0, 0, 0, 4, 0],
}


@pytest.fixture
def cremad(tmp_path: Path) -> Path:
    with (tmp_path / "tabulatedVotes.csv").open("w", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(CREMAD)
        for modality in "123":
            for place, (clip, counts) in enumerate(CLIPS.items()):
                writer.writerow([f"{modality}{place:05d}", *counts, clip, sum(counts), "N"])
    return tmp_path / "tabulatedVotes.csv"


def test_the_parts_of_crema_d_have_both_coefficients_where_votes_are_equal_in_number(cremad: Path) -> None:
    parts = open_counts(cremad)
    assert parts is not None
    rows = agreement_of_counts(parts, draws=60)
    assert [row.name for row in rows] == ["voice", "face", "both"]
    assert rows[0].num_tied == 1
    assert rows[0].kappa is not None
    assert rows[0].alpha.clusters == "2 actors x 2 sentences"


def test_the_spread_of_votes_is_that_of_the_four_clips(cremad: Path) -> None:
    """By hand: clips with 4-0, 2-2, 1-3 and 4-0 votes of four; Miller's term is 1 / (8 ln 2) with two answers."""
    parts = open_counts(cremad)
    assert parts is not None
    voice = agreement_of_counts(parts, draws=20)[0]
    miller = 1 / (8 * math.log(2))
    entropies = [0, 0, -(0.25 * math.log2(0.25) + 0.75 * math.log2(0.75)) + miller, 1 + miller]
    assert voice.entropy_bits.mean == pytest.approx(sum(entropies) / 4)
    assert voice.entropy_bits.quantiles[2] == pytest.approx(entropies[2] / 2)
    assert voice.winner_share.mean == pytest.approx((1 + 0.5 + 0.75 + 1) / 4)
    # The quartile lies a quarter of the way from the 2nd to the 1st of four in order, at place 0.75 from 0.
    assert voice.winner_share.quantiles[1] == pytest.approx(0.5 + 0.75 * 0.25)
    assert voice.settled == 0.75


def test_the_command_prints_the_spread_of_words_without_levels(cremad: Path) -> None:
    result = CliRunner().invoke(build_app(), ["agreement", str(cremad), "--draws", "20"])
    assert result.exit_code == 0, result.output
    assert "share of the winner" in result.output
    assert "levels apart" not in result.output
    as_json = CliRunner().invoke(build_app(), ["agreement", str(cremad), "--draws", "20", "--json"])
    assert json.loads(as_json.output)["counts"][0]["winner_share"]["mean"] == pytest.approx(0.8125)


def test_the_figure_has_a_row_for_each_part_with_alpha_and_median(cremad: Path, tmp_path: Path) -> None:
    """The winners' shares 1, 0.5, 0.75 and 1 have the median 0.875."""
    figure = tmp_path / "votes.svg"
    result = CliRunner().invoke(build_app(), ["agreement", str(cremad), "--draws", "20", "--figure", str(figure)])
    assert result.exit_code == 0, result.output
    told = [element.text for element in ElementTree.fromstring(figure.read_text()).iter(f"{SVG}text")]
    assert {"voice", "face", "both", "share of the winner", "alpha: 95 % over 2 actors x 2 sentences"} <= set(told)
    assert told.count("0.88") == 3
    refused = CliRunner().invoke(build_app(), ["agreement", str(cremad), "--figure", str(tmp_path / "votes.png")])
    assert isinstance(refused.exception, UsageError)


@pytest.mark.shared_data
def test_the_spread_of_intensities_is_told_in_levels_too(shared_data: Path) -> None:
    file = shared_data / "votes" / "mdns_primary_expression_annotations.json"
    told = CliRunner().invoke(build_app(), ["agreement", str(file), "--draws", "20"]).output
    assert "levels apart" in told
    assert told.splitlines()[-1].split()[-1] == "1.04"


def test_the_majority_is_written_with_its_shares_and_a_tie_has_no_label(cremad: Path, tmp_path: Path) -> None:
    parts = open_counts(cremad)
    assert parts is not None
    write_consensus_of_counts(parts, tmp_path / "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert len(rows) == 12
    tied = next(row for row in rows if row["item"] == "1002_IEO_HAP_XX")
    assert (tied["label"], tied["tied"], tied["share_neutral"]) == ("", "happiness neutral", "0.5")
    assert rows[0]["label"] == "sadness"


def test_the_gap_of_all_modalities_and_their_differences(cremad: Path) -> None:
    gap = gap_of_counts(cremad, draws=60)
    assert gap.modalities[2].gap.estimate == pytest.approx((0 + 0.5 + 0.25 + 1) / 4)
    assert gap.difference["voice", "both"].estimate == 0
    assert gap.perceived["face"][gap.emotions.index("happiness")].tolist() == [0, 0, 0, 0.75, 0.25, 0]


def test_votes_without_an_intended_emotion_have_no_gap(tmp_path: Path) -> None:
    header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    (tmp_path / "fer.csv").write_text(header + "\nTraining,a.png,4,0,0,1,3,0,0,0,2,0\n")
    with pytest.raises(UsageError, match="two views of one clip"):
        gap_of_counts(tmp_path / "fer.csv")


def test_a_rating_file_is_no_file_of_counts(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("item,annotator,rating\na,ann,fear\n")
    assert open_counts(tmp_path / "ratings.csv") is None
    assert open_counts(tmp_path) is None


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("cremad_tabulatedVotes.csv", 3),
        ("ferplus_fer2013new.csv", 1),
        ("mdns_primary_expression_annotations.json", 6),
        ("mdns_primaryandcompound_expression_annotations.json", 21),
    ],
)
def test_the_published_files_are_recognised(shared_data: Path, file: str, parts: int) -> None:
    opened = open_counts(shared_data / "votes" / file)
    assert opened is not None
    assert len(opened) == parts


def test_the_majority_says_how_far_it_is_settled_and_other_methods_are_refused(cremad: Path) -> None:
    parts = open_counts(cremad)
    assert parts is not None
    voice = consensus_of_counts(parts)[0]
    assert (voice.num_items, voice.settled, voice.plurality, voice.tied) == (4, 3, 0, 1)
    assert voice.leading == {"anger": 0, "disgust": 0, "fear": 0, "happiness": 1, "neutral": 1, "sadness": 1}
    with pytest.raises(UsageError, match=r"votes\.csv: dawid_skene estimates a confusion matrix of every rater"):
        consensus_of_counts(parts, "dawid_skene", where="votes.csv")


def test_the_command_prints_and_writes_the_majority_of_counts(cremad: Path, tmp_path: Path) -> None:
    arguments = ["consensus", str(cremad), "--method", "majority", "--out", str(tmp_path / "out.csv")]
    result = CliRunner().invoke(build_app(), arguments)
    assert result.exit_code == 0, result.output
    assert "voice" in result.output
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 13
    refused = CliRunner().invoke(build_app(), ["consensus", str(cremad)])
    assert isinstance(refused.exception, UsageError)
    assert "--method majority" in str(refused.exception)


def test_the_command_prints_the_gap_of_intended_and_perceived(cremad: Path) -> None:
    result = CliRunner().invoke(build_app(), ["gap", str(cremad), "--draws", "100"])
    assert result.exit_code == 0, result.output
    assert "2 actors x 2 sentences" in result.output
    as_json = CliRunner().invoke(build_app(), ["gap", str(cremad), "--draws", "100", "--json"])
    content = json.loads(as_json.output)
    assert content["views"] == ["target", "shown"]
    assert content["difference"]["voice - face"]["estimate"] == 0


def test_the_majority_is_written_as_parquet_too_and_no_other_kind_of_file(cremad: Path, tmp_path: Path) -> None:
    """The command promised .parquet in its help and refused it for counts."""
    arguments = ["consensus", str(cremad), "--method", "majority", "--out"]
    result = CliRunner().invoke(build_app(), [*arguments, str(tmp_path / "out.parquet")])
    assert result.exit_code == 0, result.output
    rows = pl.read_parquet(tmp_path / "out.parquet")
    assert rows["label"].to_list()[:2] == ["sadness", "happiness"]
    assert rows["share_neutral"].to_list()[:2] == [0.25, 0.0]
    refused = CliRunner().invoke(build_app(), [*arguments, str(tmp_path / "out.xlsx")])
    assert isinstance(refused.exception, UsageError)
    assert not (tmp_path / "out.xlsx").exists()


def test_a_misspelt_method_is_unknown_rather_than_in_need_of_raters(cremad: Path) -> None:
    parts = open_counts(cremad)
    assert parts is not None
    with pytest.raises(UnknownNameError, match="majority"):
        consensus_of_counts(parts, "majorty")


@pytest.mark.parametrize(
    ("option", "value"), [("--space", "va"), ("--group", "sex"), ("--votes", "8"), ("--reliability", "0.9")]
)
def test_an_option_that_counts_cannot_follow_is_refused_by_the_gap(cremad: Path, option: str, value: str) -> None:
    """They were passed over in silence."""
    result = CliRunner().invoke(build_app(), ["gap", str(cremad), option, value])
    assert isinstance(result.exception, UsageError)
    assert option in str(result.exception)
