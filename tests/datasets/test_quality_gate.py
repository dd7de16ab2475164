"""The gate judges clips by thresholds alone, and its hash depends on their content alone."""

import hashlib
import json
from pathlib import Path

import pytest

from emogap.datasets.quality_gate import CLIP_RULES, PERSON_RULE, QualityGate, first_failure, gate_clips, read_gate
from emogap.errors import DataError
from emogap.types.quality import ClipQuality


def gate_of(**thresholds: object) -> QualityGate:
    return QualityGate.model_validate({"schema": 1, **thresholds})


def read(tmp_path: Path, text: str) -> QualityGate:
    (tmp_path / "qc.toml").write_text(text)
    return read_gate(tmp_path / "qc.toml")


def clip(**measures: float) -> ClipQuality:
    return ClipQuality("p1", "s1", 8.0, **measures)  # type: ignore[arg-type]


def test_every_threshold_of_the_file_is_applied_by_a_rule() -> None:
    fields = set(QualityGate.model_fields) - {"schema_number", "unknown"}
    assert fields == {*CLIP_RULES, PERSON_RULE}


def test_the_hash_does_not_depend_on_order_comments_or_the_writing_of_numbers(tmp_path: Path) -> None:
    first = read(tmp_path, "schema = 1\nmin_valid_share = 0.8\nmax_longest_gap_s = 1\n")
    second = read(tmp_path, "# decided before\nmax_longest_gap_s = 1.0\n\nmin_valid_share = 8e-1\nschema = 1\n")
    assert first.sha256 == second.sha256
    assert len(first.sha256) == 64


def test_the_hash_is_sha_256_over_sorted_json(tmp_path: Path) -> None:
    gate = read(tmp_path, "schema = 1\nmin_valid_share = 0.8\n")
    text = json.dumps({"min_valid_share": 0.8, "schema": 1, "unknown": "exclude"}, separators=(",", ":"))
    assert gate.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("other", [{"min_valid_share": 0.81}, {"min_valid_share": 0.8, "unknown": "keep"}])
def test_another_threshold_or_policy_is_another_hash(other: dict[str, object]) -> None:
    assert gate_of(**other).sha256 != gate_of(min_valid_share=0.8).sha256


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("schema = 1\n", "no threshold is set"),
        ("schema = 2\nmin_valid_share = 0.8\n", "schema"),
        ("schema = 1\nmin_valid_share = 80\n", "min_valid_share"),
        ("schema = 1\nmin_valid_share = true\n", "min_valid_share"),
        ('schema = 1\nmax_longest_gap_s = "1"\n', "max_longest_gap_s"),
        ("schema = 1\nmax_longest_gap_s = nan\n", "max_longest_gap_s"),
        ("schema = 1\nmin_clips_per_person = 2.5\n", "min_clips_per_person"),
    ],
)
def test_a_gate_that_cannot_be_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read(tmp_path, text)


def test_a_misspelt_threshold_gets_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)line 2: min_valid_shares.*did you mean 'min_valid_share'\?"):
        read(tmp_path, "schema = 1\nmin_valid_shares = 0.8\n")


def test_a_limit_itself_passes() -> None:
    gate = gate_of(min_valid_share=0.8, max_longest_gap_s=0.5)
    assert first_failure(gate, clip(valid_share=0.8, longest_gap_s=0.5)) is None


def test_a_clip_falls_by_the_first_rule_it_fails() -> None:
    gate = gate_of(max_longest_gap_s=0.5, min_valid_share=0.8)
    failure = first_failure(gate, clip(valid_share=0.1, longest_gap_s=7.0))
    assert failure is not None
    assert failure[0] == "min_valid_share"
    assert "0.1" in failure[1]
    assert "0.8" in failure[1]


def test_what_is_unknown_falls_unless_the_gate_says_otherwise() -> None:
    failure = first_failure(gate_of(max_accuracy_deg=1.0), clip())
    assert failure == (
        "max_accuracy_deg",
        "accuracy_deg is unknown, the gate asks for validation error at most 1 deg",
    )
    assert first_failure(gate_of(max_accuracy_deg=1.0, unknown="keep"), clip()) is None


def test_a_person_with_too_few_clips_loses_the_rest_and_keeps_the_reason_of_the_others() -> None:
    gate = gate_of(min_valid_share=0.8, min_clips_per_person=3)
    clips = [clip(valid_share=share) for share in (0.9, 0.5, 0.9)]
    failures = gate_clips(gate, clips)
    assert [failure and failure[0] for failure in failures] == [PERSON_RULE, "min_valid_share", PERSON_RULE]
    assert gate_clips(gate, [*clips, clip(valid_share=1.0)])[0] is None


def test_the_gate_of_the_page_has_the_hash_that_the_page_prints(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "quality.md").read_text(encoding="utf-8")
    gate = read(tmp_path, page.split("```toml\n")[1].split("```")[0])
    assert f"quality gate {gate.sha256}" in page
