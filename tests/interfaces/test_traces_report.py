"""Traces in the layout of CEAP-360VR, with agreement and lags that were planted."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from emogap.annotation.traces import read_ceap_traces
from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.traces_report import (
    QuestionTraces,
    places_to_tell,
    report_traces,
    thirds,
    traces_as_dict,
    write_trace_figures,
)

PEOPLE, FILMS, LATE_S = ("P1", "P2", "P10", "P11"), ("V1", "V2", "V3", "V4", "V5", "V6"), 2.0


def plant(folder: Path) -> Path:
    """Six films of 40 s: valence follows one course, for P10 two seconds late; arousal is 3 + film / 2 for all."""
    rng = np.random.default_rng(4)
    time_s = np.arange(0.25, 40.3, 0.25)
    place = folder / "3_AnnotationData" / "Transformed"
    place.mkdir(parents=True)
    waves = rng.uniform(0.05, 0.15, (len(FILMS), 3)), rng.uniform(0, 6.3, (len(FILMS), 3))
    for person in PEOPLE:
        content = []
        for number, film in enumerate(FILMS):
            seen_s = time_s - (LATE_S if person == "P10" else 0.0)
            rate_hz, phase = waves[0][number], waves[1][number]
            valence = 5 + np.sin(6.2832 * rate_hz * seen_s[:, None] + phase).sum(axis=1)
            samples = [
                {"TimeStamp": time, "Valence": value, "Arousal": 3 + number / 2}
                for time, value in zip(time_s.tolist(), valence.tolist(), strict=True)
            ]
            content.append({"VideoID": film, "TimeStamp_Valence_Arousal": samples})
        whole = {"ContinuousAnnotation_TransData": [{"ParticipantID": person, "Video_Annotation_TransData": content}]}
        (place / f"{person}_Annotation_TransData.json").write_text(json.dumps(whole))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant(tmp_path_factory.mktemp("ceap"))


@pytest.fixture(scope="module")
def reports(folder: Path) -> tuple[QuestionTraces, ...]:
    return report_traces(read_ceap_traces(folder), draws=200)


def test_who_is_late_is_found_and_by_how_much(reports: tuple[QuestionTraces, ...]) -> None:
    lags = {lag.person: lag.lag_s for lag in reports[0].lags}
    assert lags["P10"] == pytest.approx(LATE_S, abs=0.4)
    assert all(abs(lags[person]) < LATE_S for person in PEOPLE if person != "P10")


def test_alike_and_constant_ratings_agree_over_films_but_never_move(reports: tuple[QuestionTraces, ...]) -> None:
    """Arousal is the same for everybody and differs between films: alpha 1 at each time, and no r within a film."""
    arousal = reports[1]
    assert arousal.question == "arousal"
    assert arousal.course.alpha == pytest.approx(1)
    assert all(np.isnan(r).all() for r in arousal.with_others.values())
    assert all(np.isnan(lag.lag_s) for lag in arousal.lags)


def test_one_question_can_be_chosen_and_an_unknown_one_is_named(folder: Path) -> None:
    traces = read_ceap_traces(folder)
    (only,) = report_traces(traces, question="valence", draws=5)
    assert only.question == "valence"
    with pytest.raises(UnknownNameError, match="did you mean 'valence'"):
        report_traces(traces, question="valense", draws=5)


def test_numbers_for_json_are_those_of_the_report(reports: tuple[QuestionTraces, ...]) -> None:
    told = json.loads(json.dumps(traces_as_dict(reports[0])))
    assert told["limits"] == [1, 9]
    assert [film["film"] for film in told["films"]] == list(FILMS)
    assert list(told["films"][0]["r_with_others"]) == list(PEOPLE)
    assert len(told["agreement"]["alpha"]) == len(told["films"][3]["mean"]) == len(reports[0].course.time_s)
    assert told["lags"][2]["person"] == "P10"


@pytest.mark.parametrize(
    ("end_s", "told_s"),
    [(59.5, [5, 10, 20, 30, 40, 50, 59.5]), (60.0, [5, 10, 20, 30, 40, 50, 60]), (3.0, [0.5, 1, 2, 3])],
)
def test_times_to_tell_are_round_and_end_with_the_last(end_s: float, told_s: list[float]) -> None:
    time_s = np.arange(0.5, end_s + 0.1, 0.5)
    assert time_s[list(places_to_tell(time_s))].tolist() == told_s
    assert time_s[list(thirds(time_s))][-1] == end_s


def test_figures_go_to_a_folder_one_for_each_view(reports: tuple[QuestionTraces, ...], tmp_path: Path) -> None:
    paths = write_trace_figures(reports, tmp_path / "figures")
    assert {path.name for path in paths} == {"mean_traces.svg", "agreement.svg", "lag_valence.svg", "lag_arousal.svg"}
    told = {path.name: "".join(ElementTree.fromstring(path.read_text()).itertext()) for path in paths}
    assert all(film in told["mean_traces.svg"] for film in FILMS)
    assert "Krippendorff's alpha over 6 films" in told["agreement.svg"]
    assert "P10" in told["lag_valence.svg"]
    with pytest.raises(UsageError, match="name a folder"):
        write_trace_figures(reports, tmp_path / "traces.svg")
