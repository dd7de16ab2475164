"""The facts of a data set, read from its folder."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from emogap.datasets.header import Header, read_header
from emogap.interfaces.paper.data_facts import _weights, dataset_record, read_data_facts
from emogap.preprocessing.face.weights import known_weights
from emogap.reporting.methods_of_data import data_passages
from emogap.types.run import RunDataset


@pytest.fixture(scope="module")
def record(road: Path) -> RunDataset:
    found = dataset_record(road / "D")
    assert found is not None
    return found


def test_a_data_set_without_a_run_is_counted_from_its_samples(road: Path, record: RunDataset) -> None:
    assert (record["num_clips"], record["num_people"], record["num_stimuli"]) == (9, 3, 3)
    assert record["simulated"]
    assert dataset_record(road / "study") is None


def test_people_are_those_of_the_table_of_participants(road: Path, record: RunDataset) -> None:
    facts = read_data_facts(record, None)
    table = pl.read_csv(road / "study" / "participants.tsv", separator="\t")
    assert facts.people.startswith("Participants: ")
    for sex, number in table["sex"].value_counts().iter_rows():
        assert f"{number} {sex}" in facts.people
    assert f"age {table['age'].min():g} to {table['age'].max():g} years" in facts.people
    assert facts.are_people_known
    assert facts.weights == ()


def test_ids_that_nobody_knows_are_a_gap(record: RunDataset) -> None:
    facts = replace(read_data_facts(record, None), are_people_known=False)
    first = data_passages(facts, is_named=False)[0].sentences
    assert "9 clips with 3 stimuli." in first[0].text
    assert first[1].is_gap
    assert "whose clips" in first[1].text


def test_weights_are_known_by_their_hash_only_where_there_are_faces(road: Path) -> None:
    header = read_header(road / "D").model_dump(by_alias=True)
    header["config"] |= {"face_detector": "auto", "face_detector_sha256": known_weights()["yunet"].sha256}
    assert list(_weights(Header.model_validate(header))) == []
    header["streams"]["face"] = {"num_steps": 8, "channels": ()}
    assert list(_weights(Header.model_validate(header))) == ["yunet"]
    header["config"] |= {"face_detector": "mtcnn", "face_detector_sha256": ""}
    assert sorted(_weights(Header.model_validate(header))) == ["mtcnn-onet", "mtcnn-pnet", "mtcnn-rnet"]
