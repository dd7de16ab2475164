"""Traces of CEAP-360VR."""

import json
from pathlib import Path

import numpy as np
import pytest

from emogap.annotation.traces import read_ceap_traces
from emogap.errors import DataError, UsageError


def write(folder: Path, person: str, films: dict[str, list[tuple[float, float, float]]]) -> None:
    place = folder / "3_AnnotationData" / "Transformed"
    place.mkdir(parents=True, exist_ok=True)
    content = [
        {
            "VideoID": film,
            "TimeStamp_Valence_Arousal": [
                {"TimeStamp": time_s, "Valence": valence, "Arousal": arousal} for time_s, valence, arousal in samples
            ],
        }
        for film, samples in films.items()
    ]
    whole = {"ContinuousAnnotation_TransData": [{"ParticipantID": person, "Video_Annotation_TransData": content}]}
    (place / f"{person}_Annotation_TransData.json").write_text(json.dumps(whole))


def test_the_published_subset_has_24_people_on_8_films(shared_data: Path) -> None:
    traces = read_ceap_traces(shared_data / "ceap360vr")
    assert [(one.question, one.stimulus_id) for one in traces[7:9]] == [("valence", "V8"), ("arousal", "V1")]
    assert len(traces) == 16
    for one in traces:
        assert one.people == tuple(f"P{number}" for number in range(1, 25))
        assert np.isfinite(one.value).all()
        assert 59 < one.time_s[-1] < 60.1


def test_uneven_samples_are_put_on_one_clock(tmp_path: Path) -> None:
    write(tmp_path, "P2", {"V1": [(0.1, 5, 5), (1.1, 7, 5), (2.3, 7, 1)]})
    write(tmp_path, "P10", {"V1": [(0.6, 5, 5), (2.6, 9, 5)]})
    valence, arousal = read_ceap_traces(tmp_path)
    assert valence.people == ("P2", "P10")
    assert valence.time_s.tolist() == [0.5, 1.0, 1.5, 2.0]
    assert valence.value[0] == pytest.approx([5.8, 6.8, 7, 7])
    assert np.isnan(valence.value[1, 0])
    assert valence.value[1, 1:] == pytest.approx([5.8, 6.8, 7.8])
    assert arousal.value[1, 1:].tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([(0.1, 5, 5), (0.2, 9.5, 5)], "less than or equal to 9"),
        ([(0.1, 5, 5), (0.1, 6, 5)], r"0\.1 s follows 0\.1 s"),
        ([(0.1, 5, 5)], "at least 2"),
    ],
)
def test_damaged_annotations_are_refused(
    tmp_path: Path, samples: list[tuple[float, float, float]], message: str
) -> None:
    write(tmp_path, "P1", {"V1": samples})
    with pytest.raises(DataError, match=message):
        read_ceap_traces(tmp_path)


def test_somebody_without_a_film_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "P1", {"V1": [(0, 5, 5), (9, 5, 5)], "V2": [(0, 5, 5), (9, 5, 5)]})
    write(tmp_path, "P2", {"V1": [(0, 5, 5), (9, 5, 5)]})
    with pytest.raises(DataError, match="P2_Annotation"):
        read_ceap_traces(tmp_path)


def test_a_folder_without_annotations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="3_AnnotationData"):
        read_ceap_traces(tmp_path)
