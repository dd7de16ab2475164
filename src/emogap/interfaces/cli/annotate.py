"""``emogap annotate``: labels of the shown expression, by a machine and by experts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json, warn

if TYPE_CHECKING:
    from emogap.annotation.active import QueueRule
    from emogap.interfaces.annotating import ClipToJudge, Desk, QueueStatus
    from emogap.interfaces.annotating_faces import MachineReport

ACTIONS = ("auto", "next", "add", "status")


def run(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="auto, next, add or status.")],
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ITEM QUESTION=ANSWER...]", help="add: the clip and the answers.", show_default=False),
    ] = None,
    annotator: Annotated[str, typer.Option(help="next, add: who judges.")] = "",
    question: Annotated[
        str, typer.Option(help="next, status: emotion7, emotion3, valence, arousal, intensity.")
    ] = "emotion7",
    preset: Annotated[str, typer.Option(help="next, status: ala-blind, ala-paper, all-clips.")] = "ala-blind",
    experts: Annotated[
        int | None, typer.Option(min=1, help="next, status: experts per clip; 4 if not given.", show_default=False)
    ] = None,
    double_coded: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="next, status: share of accepted clips judged too.", show_default=False),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(min=0, help="next, status: numbers this close agree; 0.25 if not given.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="next, status: of the random share.")] = 0,
    machine: Annotated[
        str | None, typer.Option(help="next, status: which machine, if several judged.", show_default=False)
    ] = None,
    store: Annotated[
        str,
        typer.Option(help="next, add, status: keep answers in a database, sqlite:///FILE or postgresql://..."),
    ] = "",
    create: Annotated[bool, typer.Option("--create", help="Make the store if there is none.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="status: list the queue with reasons; not for experts.")
    ] = False,
    model: Annotated[str, typer.Option(help="auto: encoder that gives expressions.")] = "fer_onnx",
    weights: Annotated[
        str | None, typer.Option(help="auto: a network in the folder of weights.", show_default=False)
    ] = None,
    detector: Annotated[str, typer.Option(help="auto: yunet, mtcnn, haar; auto: yunet if it is there.")] = "auto",
    every: Annotated[int, typer.Option(min=1, help="auto: look for faces in every n-th frame.")] = 3,
    face: Annotated[str, typer.Option(help="auto: largest, left, right, a number, or X,Y in pixels.")] = "largest",
    jobs: Annotated[int, typer.Option(min=0, help="auto: processes; 0 = one per processor.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Judge the faces of a study by a network (auto), and serve clips to experts (next, add, status).

    An expert sees neither self-report nor machine nor other experts. Give everybody the same preset and seed. A second
    answer of the same person is a revision; the first is kept. auto goes on where it was stopped; exit code 1 if
    clips could not be judged.

    Example: emogap annotate auto my-study --model fer_onnx
    """
    from emogap.errors import UnknownNameError, UsageError

    if action not in ACTIONS:
        raise UnknownNameError("action", action, ACTIONS)
    if action != "add" and what:
        raise UsageError(f"'{what[0]}' goes with 'add' only", fix=f"emogap annotate {action} STUDY")
    if action in ("next", "add") and not annotator:
        raise UsageError(f"'{action}' needs to know who judges", fix="--annotator ID")
    if action == "auto":
        from emogap.interfaces.annotating_faces import annotate_faces
        from emogap.interfaces.annotating_session import MachineConfig

        config = MachineConfig(model=model, weights=weights, detector=detector, every=every, face=face)
        _tell_machine(annotate_faces(study, config, jobs=jobs or -1), as_json=as_json)
        return

    if create and not store:
        raise UsageError("--create goes with a store only", fix="--store sqlite:///ratings.db --create")
    rule = _rule(preset, seed, experts, double_coded, tolerance)
    with _desk(study, store, create=create) as desk:
        if action == "add":
            _add(desk, annotator, what or [], as_json=as_json)
        elif action == "next":
            found = desk.next_for(annotator, question=question, rule=rule, machine=machine)
            _tell_next(found, study, annotator, store, as_json=as_json)
        else:
            _tell_status(desk.status(question=question, rule=rule, machine=machine), explain=explain, as_json=as_json)


@contextmanager
def _desk(study: Path, store: str, *, create: bool) -> "Iterator[Desk]":
    from emogap.interfaces.annotating import open_desk

    if not store:
        yield open_desk(study)
        return
    from emogap.annotation.store import open_store

    with open_store(store, create=create) as opened:
        yield open_desk(study, store=opened)


def _add(desk: "Desk", annotator: str, what: list[str], *, as_json: bool) -> None:
    from emogap.errors import UsageError
    from emogap.interfaces.annotating_book import parse_answers

    if not what:
        raise UsageError("there is no clip to judge", fix="emogap annotate add STUDY --annotator ID ITEM emotion7=fear")
    rounds = desk.add(annotator, what[0], parse_answers(what[1:]), answered_at=datetime.now(UTC))
    _tell_added(what[0], rounds, as_json=as_json)


def _rule(
    preset: str, seed: int, experts: int | None, double_coded: float | None, tolerance: float | None
) -> "QueueRule":
    from emogap.annotation.active import PRESETS
    from emogap.errors import UnknownNameError

    if preset not in PRESETS:
        raise UnknownNameError("preset", preset, PRESETS)
    given = {"experts_per_clip": experts, "double_coded_share": double_coded, "tolerance": tolerance}
    chosen = {name: value for name, value in given.items() if value is not None}
    return PRESETS[preset].model_copy(update={"seed": seed, **chosen})


def _tell_machine(report: "MachineReport", *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "annotator": report.annotator,
                "detector": report.detector,
                "rating_file": str(report.rating_file),
                "folder": str(report.folder),
                "num_clips": len(report.clips),
                "num_sessions": report.num_sessions,
                "num_sessions_there": report.num_there,
                "labels": report.label_counts,
                "doubts": list(report.doubts),
                "problems": dict(report.problems),
            }
        )
    else:
        if report.num_there:
            warn(f"{report.num_there} of {report.num_sessions} sessions were here already, complete and unchanged")
        say(f"{report.annotator}, faces by {report.detector}: {len(report.clips)} clips judged")
        say("  " + ", ".join(f"{name} {count}" for name, count in report.label_counts.items()))
        for doubt in report.doubts:
            say(f"  doubt  {doubt}")
        say(f"ratings in {report.rating_file}, probabilities of every frame in {report.folder}")
        if report.problems:
            say(f"{len(report.problems)} could not be judged; the rest is saved:")
            for item, problem in report.problems.items():
                say(f"  {item}: {problem}")
    if report.problems:
        raise typer.Exit(1)


def _tell_next(clip: "ClipToJudge | None", study: Path, annotator: str, store: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        say_json({"clip": None if clip is None else asdict(clip)})
        return
    if clip is None:
        say(f"no clip waits for {annotator}")
        return
    say(f"{clip.item}  ({clip.num_left} left)")
    if clip.video is None:
        say("  watch    the session has no face video")
    elif clip.from_s is None or clip.to_s is None:
        say(f"  watch    {clip.video} (where the clip is in it is not known: no clock.toml)")
    else:
        say(f"  watch    {clip.video}, {clip.from_s:.2f} to {clip.to_s:.2f} s")
    answer = " ".join(clip.words) if clip.limits is None else "{:g} to {:g}".format(*clip.limits)
    say(f"  {clip.question:<8} {answer}")
    kept_in = f" --store {store}" if store else ""
    warn(f"then: emogap annotate add {study} --annotator {annotator}{kept_in} {clip.item} {clip.question}=ANSWER")


def _tell_added(item: str, rounds: Mapping[str, int], *, as_json: bool) -> None:
    if as_json:
        say_json({"item": item, "rounds": dict(rounds)})
        return
    for question, number in rounds.items():
        say(f"{item}: {question} kept" + (f", revision {number - 1} (the earlier answer stays)" if number > 1 else ""))


def _tell_status(status: "QueueStatus", *, explain: bool, as_json: bool) -> None:
    from dataclasses import asdict

    queue = status.queue
    num_drawn = queue.num_agreed - len(queue.accepted)
    if as_json:
        told = asdict(status)
        told["queue"] = {
            "question": queue.question,
            "num_clips": len(queue.clips),
            "num_agreed": queue.num_agreed,
            "num_accepted": len(queue.accepted),
            "num_double_coded": num_drawn,
        }
        if explain:
            told["queue"]["clips"] = [asdict(clip) | {"explanation": clip.explanation} for clip in queue.clips]
        say_json(told)
    else:
        say(f"{queue.question}: {status.num_clips} clips, {len(queue.clips)} of them for experts")
        if status.machine is not None:
            say(
                f"  {status.machine} and self-report agree on {queue.num_agreed}: {len(queue.accepted)} accepted,"
                f" {num_drawn} judged all the same"
            )
        say(f"  finished {status.num_finished}, {status.num_answers_missing} answers missing")
        for expert in status.experts:
            say(f"  {expert.annotator:<16} judged {expert.num_judged}, {expert.num_left} wait")
        if status.check_difference is not None:
            say(f"  {_told_check(status.check_difference, status.num_check_answers, queue.question)}")
        for clip in queue.clips if explain else ():
            say(f"  {clip.item}: {clip.explanation}; {len(clip.answered_by)} judged, {clip.num_missing} missing")
        for participant, problem in status.problems.items():
            say(f"  left out {participant}: {problem}")
    if status.problems:
        raise typer.Exit(1)


def _told_check(check_difference: float, num_answers: int, question: str) -> str:
    from emogap.annotation.ratings import LIMITS

    if question in LIMITS:
        return f"experts are {check_difference:.2f} of the scale away from the accepted label ({num_answers} answers)"
    return f"experts contradict the accepted label in {100 * check_difference:.0f} % of {num_answers} answers"
