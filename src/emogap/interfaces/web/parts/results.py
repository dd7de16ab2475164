"""Runs: the benchmark table, the clips behind each of its cells, and examples of each confusion."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from emogap.errors import DataError
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.parts import Part
from emogap.interfaces.web.run_pages import RunBook, clips_behind
from emogap.interfaces.web.site import Link, Site
from emogap.reporting.ceilings import ceiling_under
from emogap.reporting.numbers import METRIC_TITLES, interval, plain
from emogap.reporting.tables import notes_of, warnings_of

__all__ = ["part"]

CLASS_COLUMNS = ("uar", "war", "f1_weighted")
VALUE_COLUMNS = ("ccc", "mae", "r2")
MOST_CLIPS = 500

Name = Annotated[str, Query(max_length=100)]


def part(opened: Opened) -> Part | None:
    """Results, where there are finished runs."""
    if not opened.runs:
        return None
    return Part(lambda site: _router(site, opened), links=(Link("/results", "nav.results", 30),))


def _router(site: Site, opened: Opened) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    book = RunBook(opened.runs)

    @router.get("/results")
    def runs(request: Request) -> HTMLResponse:
        found, problems = [], {}
        for name in book.names:
            try:
                found.append((name, book.results(name), book.place(name)))
            except DataError as problem:
                problems[name] = problem
        return site.page(request, "results.html", runs=found, problems=problems)

    @router.get("/results/{name}")
    def run(request: Request, name: str) -> HTMLResponse:
        results = book.results(name)
        unread = None
        try:
            predicted = book.predicted(name)
        except DataError as problem:
            predicted, unread = frozenset(), problem
        return site.page(
            request,
            "run.html",
            name=name,
            predicted=predicted,
            unread=unread,
            place=book.place(name),
            record=results.record,
            tables=[
                {
                    "table": table,
                    "columns": CLASS_COLUMNS if table["classes"] else VALUE_COLUMNS,
                    "warnings": warnings_of(table, results.record),
                    "notes": notes_of(table),
                    "best": [ceiling_under(table, split["split"]) for split in table["splits"]],
                }
                for table in results.scores["tables"]
            ],
            metric_titles=METRIC_TITLES,
            interval=interval,
            plain=plain,
        )

    @router.get("/results/{name}/clips")
    def clips(
        request: Request,
        name: str,
        view: Name,
        target: Name,
        split: Name,
        model: Name,
        label: Name = "",
        said: Name = "",
    ) -> HTMLResponse:
        results, table = book.results(name), book.table(name, view, target)
        found = clips_behind(results.path, table, split=split, model=model, label=label, said=said)
        row = next(
            (
                row
                for part in table["splits"]
                if part["split"] == split
                for row in part["rows"]
                if row["model"] == model
            ),
            None,
        )
        return site.page(
            request,
            "run_clips.html",
            name=name,
            place=book.place(name),
            table=table,
            split=split,
            model=model,
            label=label,
            said=said,
            clips=found[:MOST_CLIPS],
            num_clips=len(found),
            confusion=row["confusion"] if row else [],
            can_play=opened.study is not None,
        )

    return router
