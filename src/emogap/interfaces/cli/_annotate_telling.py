"""What ``emogap annotate`` prints, as text or as one JSON object."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from emogap.interfaces.cli._output import counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.annotating import ClipToJudge, QueueStatus
    from emogap.interfaces.annotating_faces import MachineReport
    from emogap.interfaces.queue_choice import QueueChoice
    from emogap.interfaces.rating_exchange import ExchangeReport

__all__ = ["tell_added", "tell_exchange", "tell_machine", "tell_next", "tell_status"]

MOST_LISTED = 6


def tell_machine(report: "MachineReport", *, as_json: bool) -> None:
    """Print how many clips a machine judged, and what could not be judged; exit code 1 then."""
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
            warn(
                f"{report.num_there} of {counted(report.num_sessions, 'session')} were here already, complete"
                " and unchanged"
            )
        say(f"{report.annotator}, faces by {report.detector}: {counted(len(report.clips), 'clip')} judged")
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


def tell_next(clip: "ClipToJudge | None", study: Path, annotator: str, store: str, *, as_json: bool) -> None:
    """Print the clip to judge, and how to answer."""
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


def tell_added(item: str, rounds: Mapping[str, int], *, as_json: bool) -> None:
    """Print that answers are kept."""
    if as_json:
        say_json({"item": item, "rounds": dict(rounds)})
        return
    for question, number in rounds.items():
        say(f"{item}: {question} kept" + (f", revision {number - 1} (the earlier answer stays)" if number > 1 else ""))


def tell_status(status: "QueueStatus", choice: "QueueChoice", *, explain: bool, as_json: bool) -> None:
    """Print how far the experts are; exit code 1 if sessions cannot be read."""
    from dataclasses import asdict

    queue = status.queue
    num_drawn = queue.num_agreed - len(queue.accepted)
    if as_json:
        told = asdict(status) | {"options": choice.model_dump()}
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
        say(f"{queue.question}: {counted(status.num_clips, 'clip')}, {len(queue.clips)} of them for experts")
        say(f"  {choice.told}")
        if status.machine is not None:
            say(
                f"  {status.machine} and self-report agree on {queue.num_agreed}: {len(queue.accepted)} accepted,"
                f" {num_drawn} judged all the same"
            )
        say(f"  finished {status.num_finished}, {counted(status.num_answers_missing, 'answer')} missing")
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
        return (
            f"experts are {check_difference:.2f} of the scale away from the accepted label"
            f" ({counted(num_answers, 'answer')})"
        )
    return (
        f"experts contradict the accepted label in {100 * check_difference:.0f} % of {counted(num_answers, 'answer')}"
    )


def tell_exchange(report: "ExchangeReport", *, done: str, as_json: bool) -> None:
    """Print what was imported or exported, what was lost on the way and what was left out."""
    from dataclasses import asdict, replace

    mapped = None if report.mapped is None else replace(report.mapped, answers=())
    if as_json:
        told = asdict(replace(report, mapped=mapped))
        if mapped is not None:
            told["mapped"].pop("answers")
        say_json(told)
        return
    say(f"{counted(report.num_answers, 'answer')} {done} {report.place}")
    say(f"  by {_listed(report.annotators)}; to {_listed(report.questions)}; round {_listed(report.rounds)}")
    if mapped is not None:
        say(f"  map  {mapped.label}: {counted(mapped.num_mapped, 'answer')}")
        say(f"  lost {mapped.loss}")
        if mapped.left_out:
            words = ", ".join(f"{word} {number}" for word, number in mapped.left_out.items())
            say(f"  left out by the map: {counted(sum(mapped.left_out.values()), 'answer')} ({words})")
    for part in report.left_out:
        say(f"  left out: {part}")


def _listed(names: Sequence[object]) -> str:
    shown = ", ".join(str(name) for name in names[:MOST_LISTED])
    return shown if len(names) <= MOST_LISTED else f"{shown} and {len(names) - MOST_LISTED} more"
