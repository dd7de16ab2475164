"""What the methods of a paper say of a data set: people, recording, exclusions, cleaning, labels, terms."""

from collections.abc import Iterator, Sequence

from emogap.counted_nouns import counted
from emogap.reporting.paper_facts import DataFacts, StudyFacts
from emogap.reporting.passages import Passage, Sentence, gap

__all__ = ["data_passages"]

NAMES = {
    "tracker": "eye tracker",
    "rate": "sampling rate",
    "screen": "screen",
    "stimuli": "stimuli",
    "order": "order of the stimuli",
}
"""Of what may be published of a data set."""

ASKED = {
    "tracker": "eye tracker (maker, model, tracking method)",
    "rate": "nominal sampling rate",
    "screen": "screen",
    "stimuli": "what the stimuli are and how they were chosen",
    "order": "in which order the stimuli were shown",
}
"""What is to be added where nothing is."""

MOST_CHANNELS = 30
"""Of a stream with more channels, such as a vector of a face, the number, the first and the last are told."""


def data_passages(data: DataFacts, *, is_named: bool) -> tuple[Passage, ...]:
    """Passages on one data set; `is_named` puts its name into every title."""
    name = f" ({data.name})" if is_named else ""
    return (
        Passage(f"Participants and stimuli{name}", tuple(_people(data))),
        Passage(f"Recording{name}", tuple(_recording(data))),
        Passage(f"Exclusions{name}", tuple(_exclusions(data))),
        Passage(f"Signal processing{name}", tuple(_processing(data))),
        Passage(f"Labels{name}", tuple(_labels(data))),
        Passage(f"Doubts about the data{name}", tuple(_doubts(data))),
        Passage(f"Terms of the data{name}", tuple(_terms(data))),
    )


def _people(data: DataFacts) -> Iterator[Sentence]:
    person = "simulated person" if data.is_simulated else "person"
    whose = f" of {counted(data.num_people, person)}" if data.are_people_known else ""
    shown = f" with {counted(data.num_stimuli, 'stimulus')}" if data.are_stimuli_known else ""
    yield Sentence(
        f"The data set {data.name} (fingerprint {data.fingerprint}) holds"
        f" {counted(data.num_clips, 'clip')}{whose}{shown}."
    )
    if not data.are_people_known:
        yield gap("whose clips they are: each was taken for a person of its own")
    if not data.are_stimuli_known:
        yield gap("what was shown: each clip was taken for a stimulus of its own")
    if data.is_simulated:
        yield Sentence("Nobody was recorded: people, signals and labels come from the simulator of emogap.")
        if data.people:
            yield Sentence(data.people)
        return
    yield Sentence(data.people) if data.people else gap("age and sex of the participants")
    yield gap("how participants were recruited, their consent, and the ethics approval")
    yield from _quoted(data, "stimuli", "order")


def _quoted(data: DataFacts, *names: str) -> Iterator[Sentence]:
    """What is published of `names` with its source, and one gap for all that is not."""
    known = [f"{NAMES[name]}: {data.quoted[name].text}" for name in names if name in data.quoted]
    if known:
        yield Sentence(f"As {data.quoted_from} say, {'; '.join(known)}.")
    missing = [data.quoted[name].missing if name in data.quoted else ASKED[name] for name in names]
    if any(missing):
        yield gap("; ".join(filter(None, missing)))


def _recording(data: DataFacts) -> Iterator[Sentence]:
    study = data.study
    if study is None:
        yield from _quoted(data, "tracker", "rate", "screen")
    else:
        yield from _apparatus(study)
    thinned = " after thinning" if "thin" in dict(data.steps) else ""
    rate = next((measure for measure in data.measures if measure.unit == "Hz"), None)
    if rate is not None:
        yield Sentence(
            f"The effective rate{thinned} (samples with an eye per second of the stimulus) had a median of"
            f" {_short(rate.median)} Hz over {counted(rate.clips, 'clip')} (middle 90 %: {_short(rate.low)} to"
            f" {_short(rate.high)} Hz)."
        )
    others = [measure for measure in data.measures if measure is not rate]
    if others:
        listed = "; ".join(
            f"{measure.title} {_short(measure.median)}{_unit(measure.unit)} ({_short(measure.low)} to"
            f" {_short(measure.high)})"
            for measure in others
        )
        yield Sentence(f"Data quality{thinned}, median over clips (middle 90 %): {listed}.")
    if not data.is_simulated:
        is_distance_known = "screen" in data.quoted or (study is not None and study.distance_mm is not None)
        distance = "" if is_distance_known else "viewing distance, "
        yield gap(f"calibration and its accuracy, {distance}head restraint, lighting")


def _apparatus(study: StudyFacts) -> Iterator[Sentence]:
    rate = f" at a nominal {study.rate_hz:g} Hz" if study.rate_hz is not None else ""
    yield Sentence(f"Eyes were tracked by {study.tracker}{rate}.") if study.tracker else gap("eye tracker")
    if study.rate_hz is None:
        yield gap("nominal sampling rate: [tracker] rate_hz in study.toml")
    size = f" ({study.screen_mm[0]:g} x {study.screen_mm[1]:g} mm)" if study.screen_mm is not None else ""
    distance = f" at {study.distance_mm:g} mm" if study.distance_mm is not None else ""
    yield Sentence(f"The screen had {study.screen_px[0]} x {study.screen_px[1]} px{size}{distance}.")
    if study.screen_mm is None:
        yield gap("size of the screen: [screen] size_mm in study.toml")


def _exclusions(data: DataFacts) -> Iterator[Sentence]:
    if not data.is_there:
        yield gap("exclusions: the data set is no longer where the run says")
        return
    if data.study is not None:
        study = data.study
        yield Sentence(
            f"Of {counted(study.num_recruited, 'person')} in the table of participants"
            f" {'1 has' if study.num_sessions == 1 else f'{study.num_sessions} have'} a session;"
            f" {counted(study.num_clips_recorded, 'clip', 'was')} recorded."
        )
        fell = [f"{clips} ({rule})" for rule, clips in study.flow]
        yield Sentence(
            f"Clips left out because a condition was not met: {'; '.join(fell)}."
            if fell
            else "Every recorded clip met every condition."
        )
    gate = f" A quality gate was set before labels were joined (SHA-256 {data.gate})." if data.gate else ""
    outside = [one for one in data.exclusions if not one.stage.startswith("label ")]
    lost = sum(one.clips for one in outside)
    if data.cleaning:
        yield Sentence(f"{counted(data.num_clips, 'clip', 'is')} in the data set; left out: {lost or 'none'}.{gate}")
    for one in outside:
        yield Sentence(f"Left out at the stage '{one.stage}': {one.clips} ({one.reason}).")
    for one in data.exclusions:
        if one not in outside:
            column = one.stage.removeprefix("label ")
            stays = "stays" if one.clips == 1 else "stay"
            yield Sentence(
                f"{counted(one.clips, 'clip', 'has')} no label {column} and {stays} in the data set: {one.reason}."
            )
    if data.num_failed:
        yield Sentence(f"{counted(data.num_failed, 'recording')} could not be read.")


def _processing(data: DataFacts) -> Iterator[Sentence]:
    if not data.cleaning:
        yield Sentence("Signals are as they were recorded: nothing was cleaned, interpolated or smoothed.")
        return
    yield Sentence(f"Signals were cleaned with the preset '{data.cleaning}' of emogap.")
    thinned = dict(data.steps).get("thin")
    if thinned is not None:
        yield Sentence(f"Before that, samples of gaze were left out, as a slower tracker would have ({thinned}).")
    if data.steps:
        listed = "; ".join(f"{name} ({parameters})" if parameters else name for name, parameters in data.steps)
        yield Sentence(f"Steps, in order: {listed}.")
    else:
        yield gap("steps of cleaning and their parameters")
    for stream in data.streams:
        yield Sentence(
            f"Stream {stream.name}, {counted(stream.num_steps, 'step')} per clip{_channels(stream.channels)}."
        )
        if stream.absent:
            yield Sentence(f"No recording has {', '.join(stream.absent)}.")


def _channels(names: Sequence[str]) -> str:
    if len(names) > MOST_CHANNELS:
        return f": {len(names)} channels, {names[0]} to {names[-1]}"
    return f": {', '.join(names)}" if names else ""


def _labels(data: DataFacts) -> Iterator[Sentence]:
    for view, source in data.labels.items():
        yield Sentence(f"{view.capitalize()}: {source}.")
    if not data.labels:
        yield gap("where the labels come from")


def _doubts(data: DataFacts) -> Iterator[Sentence]:
    for doubt in data.doubts:
        yield Sentence(f"{doubt[:1].upper()}{doubt[1:]}.")
    if not data.doubts:
        yield Sentence("The build of the data set raised no doubt.")


def _terms(data: DataFacts) -> Iterator[Sentence]:
    yield Sentence(f"Terms: {data.licence}.") if data.licence else gap("licence of the data")
    if data.source:
        yield Sentence(f"Source: {data.source}.")
    if data.citation:
        yield Sentence(f"To be cited: {data.citation}.")


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""
