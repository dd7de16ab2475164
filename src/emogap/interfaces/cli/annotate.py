"""``emogap annotate``: labels of the shown expression, by a machine and by experts; ratings in and out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson

if TYPE_CHECKING:
    from emogap.annotation.store import Store
    from emogap.interfaces.annotating import Desk
    from emogap.interfaces.queue_choice import AskedQueue

USED_BY = {
    "--annotator": ("next", "add"),
    "--question": ("next", "status", "import", "export"),
    "--preset": ("next", "status"),
    "--experts": ("next", "status"),
    "--double-coded": ("next", "status"),
    "--tolerance": ("next", "status"),
    "--seed": ("next", "status"),
    "--machine": ("next", "status"),
    "--new-queue": ("next", "status"),
    "--explain": ("status",),
    "--map": ("import", "export"),
    "--decide": ("import", "export"),
    "--who": ("import",),
    "--participant": ("export",),
    "--store": ("next", "add", "status", "import", "export"),
    "--create": ("next", "add", "status", "import"),
}
"""Which actions take an option that is not of ``auto``."""

ACTIONS = ("auto", "next", "add", "status", "import", "export")


def run(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="auto, next, add, status, import or export.")],
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ITEM QUESTION=ANSWER... | FILE...]",
            help="add: the clip and the answers; import: files; export: a new file (.csv, .parquet, .eaf).",
            show_default=False,
        ),
    ] = None,
    annotator: Annotated[str, typer.Option(help="next, add: who judges.")] = "",
    question: Annotated[
        str,
        typer.Option(
            help="next, status: emotion7 (default), emotion3, valence, arousal, intensity; import: what files ask that"
            " do not say it; export: only this one."
        ),
    ] = "",
    preset: Annotated[
        str | None,
        typer.Option(help="next, status: ala-blind (default), ala-paper, all-clips.", show_default=False),
    ] = None,
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
    seed: Annotated[
        int | None, typer.Option(min=0, help="next, status: of the random share; 0 at first.", show_default=False)
    ] = None,
    machine: Annotated[
        str | None, typer.Option(help="next, status: which machine, if several judged.", show_default=False)
    ] = None,
    new_queue: Annotated[
        bool, typer.Option("--new-queue", help="next, status: other options for everybody from now on.")
    ] = False,
    store: Annotated[
        str,
        typer.Option(help="all but auto: answers are in a database, sqlite:///FILE or postgresql://..."),
    ] = "",
    create: Annotated[bool, typer.Option("--create", help="Make the store if there is none.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="status: list the queue with reasons; not for experts.")
    ] = False,
    answer_map: Annotated[
        str, typer.Option("--map", metavar="FROM:TO", help="import, export: take answers to another vocabulary.")
    ] = "",
    decide: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD=WORD", help="--map: where a word goes that it leaves open; or drop."),
    ] = None,
    who: Annotated[str, typer.Option(help="import --store: who enters the ratings, for the audit.")] = "",
    participant: Annotated[
        str | None, typer.Option(help="export: only this participant's clips.", show_default=False)
    ] = None,
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
    """Judge faces by a network (auto), serve clips to experts (next, add, status), move ratings (import, export).

    An expert sees neither self-report nor machine nor other experts. The options of the queue are agreed on at its
    first use. A second answer of the same person is a further round; the first is kept. auto goes on where it was
    stopped; exit code 1 if clips could not be judged.

    Example: emogap annotate auto my-study --model fer_onnx
    """
    from emogap.errors import UnknownNameError, UsageError

    if action not in ACTIONS:
        raise UnknownNameError("action", action, ACTIONS)
    given = {
        "--annotator": annotator,
        "--question": question,
        "--preset": preset,
        "--experts": experts,
        "--double-coded": double_coded,
        "--tolerance": tolerance,
        "--seed": seed,
        "--machine": machine,
        "--new-queue": new_queue or None,
        "--explain": explain or None,
        "--map": answer_map,
        "--decide": decide or None,
        "--who": who,
        "--participant": participant,
        "--store": store,
        "--create": create or None,
    }
    _refuse_strays(action, [name for name, value in given.items() if value not in (None, "")], what or [])
    if action in ("next", "add") and not annotator:
        raise UsageError(f"'{action}' needs to know who judges", fix="--annotator ID")
    if create and not store:
        raise UsageError("--create goes with a store only", fix="--store sqlite:///ratings.db --create")
    if action == "auto":
        from emogap.interfaces.annotating_faces import annotate_faces
        from emogap.interfaces.annotating_session import MachineConfig
        from emogap.interfaces.cli._annotate_telling import tell_machine

        config = MachineConfig(model=model, weights=weights, detector=detector, every=every, face=face)
        tell_machine(annotate_faces(study, config, jobs=jobs or -1), as_json=as_json)
        return
    with _opened(store, create=create) as opened:
        if action in ("import", "export"):
            from emogap.interfaces.cli._annotate_exchange import export_file, import_files, read_map

            chosen_map = read_map(answer_map, decide or [])
            if action == "import":
                import_files(study, what or [], opened, who, question or None, chosen_map, as_json=as_json)
            else:
                export_file(study, what or [], opened, participant, question or None, chosen_map, as_json=as_json)
        elif action == "add":
            _add(study, opened, annotator, what or [], as_json=as_json)
        else:
            from emogap.interfaces.annotating import open_desk
            from emogap.interfaces.queue_choice import AskedQueue

            asked = AskedQueue(preset, experts, double_coded, tolerance, seed, machine)
            desk, question = open_desk(study, store=opened), question or "emotion7"
            if action == "next":
                _next(desk, annotator, question, asked, store, new_queue=new_queue, as_json=as_json)
            else:
                _status(desk, question, asked, new_queue=new_queue, explain=explain, as_json=as_json)


def _refuse_strays(action: str, given: list[str], what: list[str]) -> None:
    """Refuse what the action would pass over."""
    from emogap.errors import UsageError

    if what and action not in ("add", "import", "export"):
        raise UsageError(
            f"'{what[0]}' goes with 'add', 'import' and 'export' only", fix=f"emogap annotate {action} STUDY"
        )
    for name in given:
        if action not in USED_BY[name]:
            raise UsageError(f"{name} does not go with '{action}'", fix=f"it goes with {', '.join(USED_BY[name])}")


@contextmanager
def _opened(store: str, *, create: bool) -> "Iterator[Store | None]":
    if not store:
        yield None
        return
    from emogap.annotation.store import open_store

    with open_store(store, create=create) as opened:
        yield opened


def _add(study: Path, store: "Store | None", annotator: str, what: list[str], *, as_json: bool) -> None:
    from emogap.errors import UsageError
    from emogap.interfaces.annotating import open_desk
    from emogap.interfaces.annotating_book import parse_answers
    from emogap.interfaces.cli._annotate_telling import tell_added

    if not what:
        raise UsageError("there is no clip to judge", fix="emogap annotate add STUDY --annotator ID ITEM emotion7=fear")
    answers = parse_answers(what[1:])
    rounds = open_desk(study, store=store).add(annotator, what[0], answers, answered_at=datetime.now(UTC))
    tell_added(what[0], rounds, as_json=as_json)


def _next(
    desk: "Desk",
    annotator: str,
    question: str,
    asked: "AskedQueue",
    store: str,
    *,
    new_queue: bool,
    as_json: bool,
) -> None:
    from emogap.interfaces.cli._annotate_telling import tell_next
    from emogap.interfaces.queue_choice import use_queue

    found, _ = use_queue(
        desk,
        question,
        asked,
        lambda choice: desk.next_for(annotator, question=question, rule=choice.rule, machine=choice.machine),
        who=annotator,
        new_queue=new_queue,
    )
    tell_next(found, desk.study.path, annotator, store, as_json=as_json)


def _status(desk: "Desk", question: str, asked: "AskedQueue", *, new_queue: bool, explain: bool, as_json: bool) -> None:
    from emogap.interfaces.cli._annotate_telling import tell_status
    from emogap.interfaces.queue_choice import use_queue

    status, choice = use_queue(
        desk,
        question,
        asked,
        lambda choice: desk.status(question=question, rule=choice.rule, machine=choice.machine),
        who="organiser",
        new_queue=new_queue,
    )
    tell_status(status, choice, explain=explain, as_json=as_json)
