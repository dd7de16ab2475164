"""How many people, sessions and clips fell where: boxes from top to bottom, what was left out to the right."""

from collections.abc import Iterator, Sequence

from emogap.counted_nouns import counted
from emogap.reporting.figures.svg import document, label, line, rectangle
from emogap.types.quality import FlowStage

__all__ = ["exclusion_flow_figure"]

WIDTH, MARGIN = 620.0, 10.0
KEPT_WIDTH, LEFT_WIDTH = 250.0, 300.0
KEPT_HEIGHT, LEFT_HEIGHT, GAP = 42.0, 46.0, 14.0
LINE, FILL, LEFT_FILL, QUIET = "#5b6875", "#e4edf7", "#f6ece2", "#5b6875"


def exclusion_flow_figure(stages: Sequence[FlowStage], *, title: str, gate: str | None = None) -> str:
    """The flow as an SVG document, in the manner of the diagrams of CONSORT.

    Parameters
    ----------
    stages : sequence of FlowStage
        In order; at least one.
    title : str
        Of the study.
    gate : str, optional
        SHA-256 of the quality gate.

    References
    ----------
    Schulz, Altman and Moher (2010), CONSORT 2010 statement, doi:10.1136/bmj.c332, figure 1.
    """
    step = KEPT_HEIGHT + LEFT_HEIGHT + 2 * GAP
    top = 44.0
    parts = [label(MARGIN, 18, title, bold=True, size=13)]
    if gate is not None:
        parts.append(label(MARGIN, 34, f"quality gate {gate[:16]}", size=10.5, colour=QUIET))
    first = stages[0]
    parts += _kept(top, "in the study", first.people, first.sessions, first.clips)
    for number, stage in enumerate(stages):
        y = top + number * step
        parts += _left_out(y + KEPT_HEIGHT + GAP, stage)
        parts += _arrow_down(y + KEPT_HEIGHT, y + step)
        is_last = number == len(stages) - 1
        remain = (
            stage.people - stage.people_left_out,
            stage.sessions - stage.sessions_left_out,
            stage.clips - stage.clips_left_out,
        )
        parts += _kept(y + step, "for analysis" if is_last else stage.rule, *remain)
    height = top + len(stages) * step + KEPT_HEIGHT + MARGIN
    return document(WIDTH, height, parts, title=f"{title}: people, sessions and clips left out, stage by stage")


def _kept(y: float, name: str, people: int, sessions: int, clips: int) -> Iterator[str]:
    yield rectangle(MARGIN, y, KEPT_WIDTH, KEPT_HEIGHT, colour=FILL)
    yield from _frame(MARGIN, y, KEPT_WIDTH, KEPT_HEIGHT)
    middle = MARGIN + KEPT_WIDTH / 2
    yield label(middle, y + 17, name, anchor="middle", size=11)
    yield label(middle, y + 33, _counts(people, sessions, clips), anchor="middle", size=11.5, bold=True)


def _left_out(y: float, stage: FlowStage) -> Iterator[str]:
    x, middle = WIDTH - MARGIN - LEFT_WIDTH, MARGIN + KEPT_WIDTH / 2
    yield line((middle, y + LEFT_HEIGHT / 2), (x - 6, y + LEFT_HEIGHT / 2), colour=LINE)
    yield from _head_right(x, y + LEFT_HEIGHT / 2)
    none = not (stage.people_left_out or stage.sessions_left_out or stage.clips_left_out)
    yield rectangle(x, y, LEFT_WIDTH, LEFT_HEIGHT, colour=LEFT_FILL, opacity=0.35 if none else 1.0)
    yield from _frame(x, y, LEFT_WIDTH, LEFT_HEIGHT)
    yield label(x + 10, y + 18, f"asked: {stage.rule}", size=11)
    if none:
        yield label(x + 10, y + 35, "nothing left out", size=11, colour=QUIET)
    else:
        counts = _counts(stage.people_left_out, stage.sessions_left_out, stage.clips_left_out)
        yield label(x + 10, y + 35, f"left out: {counts}", size=11.5, bold=True)


def _counts(people: int, sessions: int, clips: int) -> str:
    """The three numbers in words, with the plural where it belongs."""
    words = (
        counted(people, "person"),
        counted(sessions, "session"),
        counted(clips, "clip"),
    )
    return ", ".join(words)


def _frame(x: float, y: float, width: float, height: float) -> Iterator[str]:
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    for position, corner in enumerate(corners):
        yield line(corner, corners[(position + 1) % 4], colour=LINE)


def _arrow_down(start: float, stop: float) -> Iterator[str]:
    x = MARGIN + KEPT_WIDTH / 2
    yield line((x, start), (x, stop), colour=LINE)
    yield line((x - 4, stop - 6), (x, stop), colour=LINE)
    yield line((x + 4, stop - 6), (x, stop), colour=LINE)


def _head_right(x: float, y: float) -> Iterator[str]:
    yield line((x - 6, y), (x, y), colour=LINE)
    yield line((x - 6, y - 4), (x, y), colour=LINE)
    yield line((x - 6, y + 4), (x, y), colour=LINE)
