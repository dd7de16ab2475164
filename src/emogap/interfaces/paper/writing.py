"""The folder of a paper: every table and figure, the methods, the checklist, the cards, the licences, the index.

A folder is replaced only if it was written by this command and nobody has touched it since.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.datasets.study_quality import StudyQuality, measure_study
from emogap.errors import UsageError
from emogap.files import fingerprint_bytes, fingerprint_file, fingerprint_json, write_aside, write_json
from emogap.interfaces.paper.data_sets import data_facts, data_records, require_source
from emogap.interfaces.paper.licence_matrix import licence_rows
from emogap.interfaces.paper.run_facts import read_model_facts
from emogap.interfaces.paper.run_figures import run_figures
from emogap.interfaces.paper.sources import PaperSources, open_sources
from emogap.interfaces.paper.study_card import exclusion_stages
from emogap.interfaces.subgroup_tables import subgroup_tables
from emogap.recording.bids.dataset import NOTICE
from emogap.recording.derived import record_derived
from emogap.reporting.cards import data_card, model_card
from emogap.reporting.checklist import checklist_html, checklist_latex, checklist_markdown, num_gaps
from emogap.reporting.confound_tables import confound_tables
from emogap.reporting.experiments import StoredExperiment
from emogap.reporting.figures.exclusion_flow import exclusion_flow_figure
from emogap.reporting.figures.pdf import svg_to_pdf
from emogap.reporting.licence_table import licence_markdown
from emogap.reporting.methods import methods_passages
from emogap.reporting.paper_document import PaperFigure, PaperSection, file_stem, index_markdown, paper_latex
from emogap.reporting.paper_facts import CheckedItem, DataFacts, RunFacts
from emogap.reporting.passages import Passage, latex_passages, markdown_passages
from emogap.reporting.result_latex import is_long, latex_result
from emogap.reporting.result_markdown import markdown_result
from emogap.reporting.result_of_run import tables_of_run, tables_of_runs
from emogap.reporting.results import RunResults
from emogap.types.result_table import ResultTable

__all__ = ["WrittenPaper", "build_paper"]

RECORD_FILE = "emogap-paper.json"
"""Fingerprints of everything that was written: tells a folder of this command from any other."""

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class WrittenPaper:
    """What was written.

    Attributes
    ----------
    path : Path
    files : mapping from path in the folder to its fingerprint
    num_tables, num_figures : int
    method_gaps, checklist_gaps : int
        Sentences of the methods and items of the checklist that have to be added by hand.
    doubts : tuple of str
    """

    path: Path
    files: Mapping[str, str]
    num_tables: int
    num_figures: int
    method_gaps: int
    checklist_gaps: int
    doubts: tuple[str, ...]


def build_paper(
    folders: list[Path], out: Path, *, study: Path | None = None, together: bool = False, jobs: int = 1
) -> WrittenPaper:
    """Write the paper of `folders` into `out`; the same sources give the same bytes.

    Parameters
    ----------
    folders : list of Path
        Runs, experiments, folders of experiments.
    out : Path
        A new folder, or one that this command wrote and nobody has changed.
    study : Path, optional
        The study that the data were built from: device, screen, exclusions.
    together : bool
        One table for all runs that are named.
    jobs : int
        Processes for measuring the study.

    Raises
    ------
    UsageError
        If a folder is neither run nor experiment, or `out` holds something else or was changed.
    MismatchError
        If runs that cannot be compared are put together, or the study is another one.
    DataError
        If a run, an experiment or a data set is damaged.
    OutputError
        If `out` cannot be written; what was there stays.
    """
    sources = open_sources(folders)
    _require_free(out)
    records = data_records(sources)
    if study is not None:
        require_source(records, study)
    quality = measure_study(study, jobs=jobs) if study is not None else None
    data = data_facts(records, quality)
    runs = [
        RunFacts(
            name,
            results,
            read_model_facts(results),
            data[results.record["dataset"]["fingerprint"]],
            experiments=sources.made_for.get(name, ()),
        )
        for name, results in sources.all_runs
    ]
    passages = methods_passages(runs, list(data.values()))
    subgroups = {name: subgroup_tables(results) or () for name, results in sources.runs}
    runs = [replace(facts, has_subgroups=bool(subgroups.get(facts.name))) for facts in runs]
    sections = [*_run_sections(sources, subgroups, together=together), *_experiment_sections(sources)]
    _require_different_names(sections)
    figures = [figure for section in sections for figure in section.figures]
    tables = [table for section in sections for table in section.tables]
    contents = dict(_contents(sections, runs, list(data.values()), passages))
    if quality is not None:
        flow = _flow_figure(quality, data.values())
        sections.insert(0, _Section("Participants and clips", (), (), (flow,)))
        contents |= dict(_figure_files(flow))
        figures.append(flow)
    contents["paper.tex"] = paper_latex(
        _TITLE, [section.named() for section in sections], notice=_plain(NOTICE)
    ).encode()
    doubts = (*sources.doubts, *_doubts(runs, data.values()))
    files = {path: fingerprint_bytes([contents[path]]) for path in sorted(contents)}
    listed = {path: (_what(path, sections), mark) for path, mark in files.items()}
    contents["index.md"] = index_markdown(_TITLE, _sources_told(sources), listed, doubts).encode()
    for folder in folders:
        record_derived(folder, out, by="paper build")
    _write(out, contents)
    return WrittenPaper(
        path=out,
        files=files,
        num_tables=len(tables),
        num_figures=len(figures),
        method_gaps=sum(passage.num_gaps for passage in passages),
        checklist_gaps=sum(num_gaps(items) for _, items in _checklists(data.values())),
        doubts=doubts,
    )


_TITLE = "Results"


@dataclass(frozen=True, slots=True, eq=False)
class _Section:
    """Tables and figures that stand together."""

    title: str
    notes: tuple[str, ...]
    tables: tuple[ResultTable, ...]
    figures: tuple[PaperFigure, ...]

    def named(self) -> PaperSection:
        return PaperSection(
            self.title,
            self.notes,
            tuple(table["name"] for table in self.tables),
            self.figures,
            frozenset(table["name"] for table in self.tables if is_long(table)),
        )


def _require_free(out: Path) -> None:
    """Raise unless `out` is new, empty, or exactly what this command wrote."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    record = out / RECORD_FILE
    if not record.is_file():
        raise UsageError(
            "this is no folder of 'emogap paper build', and not empty", where=str(out), fix="name a new folder"
        )
    written: Mapping[str, str] = json.loads(record.read_text(encoding="utf-8"))["files"]
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} - {RECORD_FILE}
    changed = sorted(found ^ written.keys()) + [
        name for name in sorted(found & written.keys()) if fingerprint_file(out / name) != written[name]
    ]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise UsageError(
            f"{changed[0]}{more} was changed, added or removed by hand since it was written",
            where=str(out),
            fix="name a new folder, and keep what you wrote in a folder of its own",
        )


def _write(out: Path, contents: Mapping[str, bytes]) -> None:
    with write_aside(out) as partial:
        for path, content in contents.items():
            (partial / path).parent.mkdir(parents=True, exist_ok=True)
            (partial / path).write_bytes(content)
        marks = {path: fingerprint_file(partial / path) for path in contents}
        write_json(partial / RECORD_FILE, {"schema": SCHEMA, "emogap": __version__, "files": marks})


def _run_sections(
    sources: PaperSources, subgroups: Mapping[str, tuple[ResultTable, ...]], *, together: bool
) -> Iterator[_Section]:
    """A section for each run that was named, or one for all."""
    if together:
        if len(sources.runs) < 2:
            raise UsageError("--together needs two runs or more", fix="name them, or leave out --together")
        yield _Section("All runs", (), tables_of_runs(sources.runs), ())
    is_alone = len(sources.runs) == 1 and not sources.experiments
    for name, results in sources.runs:
        prefix = "" if is_alone else file_stem(name)
        own = () if together else tables_of_run(results)
        tables = tuple(
            table if is_alone else ResultTable({**table, "name": file_stem(f"{prefix} {table['name']}")})
            for table in (*own, *confound_tables(results), *subgroups[name])
        )
        yield _Section(_run_title(name, results), (), tables, tuple(run_figures(results, prefix=prefix)))


def _run_title(name: str, results: RunResults) -> str:
    return f"{name}: {results.scores['protocol']} on {results.record['dataset']['name']}"


def _experiment_sections(sources: PaperSources) -> Iterator[_Section]:
    for experiment in sources.experiments:
        is_simulated = _is_simulated(experiment)
        figures = tuple(
            PaperFigure(file_stem(name), experiment.captions[name], svg, is_simulated)
            for name, svg in experiment.figures.items()
        )
        tables = tuple(ResultTable({**table, "name": file_stem(table["name"])}) for table in experiment.tables)
        yield _Section(experiment.record["title"], experiment.notes, tables, figures)


def _is_simulated(experiment: StoredExperiment) -> bool:
    return any(table["is_simulated"] for table in experiment.tables)


def _require_different_names(sections: Iterable[_Section]) -> None:
    names = [f"tables/{table['name']}" for section in sections for table in section.tables]
    names += [f"figures/{figure.name}" for section in sections for figure in section.figures]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"two results have the name {', '.join(twice)}", fix="give one of the folders another name, or leave it out"
        )


def _contents(
    sections: Iterable[_Section], runs: list[RunFacts], data: list[DataFacts], passages: Sequence[Passage]
) -> Iterator[tuple[str, bytes]]:
    for section in sections:
        for table in section.tables:
            yield f"tables/{table['name']}.tex", latex_result(table).encode()
            yield f"tables/{table['name']}.md", markdown_result(table).encode()
        for figure in section.figures:
            yield from _figure_files(figure)
    lists = _checklists(data)
    yield "methods.md", f"# Methods\n\n{markdown_passages(passages)}".encode()
    yield "methods.tex", latex_passages(passages).encode()
    yield "checklist.md", checklist_markdown(lists).encode()
    yield "checklist.tex", checklist_latex(lists).encode()
    yield "checklist.html", checklist_html(lists).encode()
    yield "data_card.md", data_card(data, notice=NOTICE).encode()
    yield "model_card.md", model_card(runs, notice=NOTICE).encode()
    weights = [name for one in data for name in one.weights]
    yield "licences.md", licence_markdown(licence_rows([one.catalogue for one in data], weights)).encode()


def _checklists(data: Iterable[DataFacts]) -> list[tuple[str, tuple[CheckedItem, ...]]]:
    """The filled-in guideline of every data set; builds of which it says the same share one."""
    names: dict[tuple[CheckedItem, ...], list[str]] = {}
    for one in data:
        if one.checklist:
            names.setdefault(one.checklist, []).append(one.name)
    return [(" and ".join(shared), items) for items, shared in names.items()]


def _figure_files(figure: PaperFigure) -> Iterator[tuple[str, bytes]]:
    yield f"figures/{figure.name}.svg", figure.svg.encode()
    yield f"figures/{figure.name}.pdf", svg_to_pdf(figure.svg, name=figure.name)


def _flow_figure(quality: StudyQuality, data: Iterable[DataFacts]) -> PaperFigure:
    built = next(one for one in data if one.study is not None)
    stages = exclusion_stages(quality, built.gate_options)
    drawn = exclusion_flow_figure(stages, title=f"{quality.study.name}: exclusions", gate=built.gate or None)
    caption = f"People, sessions and clips of {quality.study.name}, and where they were left out."
    return PaperFigure("exclusions", caption, drawn, quality.study.simulated)


def _doubts(runs: Sequence[RunFacts], data: Iterable[DataFacts]) -> Iterator[str]:
    quick = [facts for facts in runs if facts.results.record["config"]["preset"] == "quick"]
    if quick:
        named = dict.fromkeys(name for facts in quick for name in (facts.experiments or (facts.name,)))
        yield f"made with the preset quick, never to be quoted: {', '.join(named)}"
    for facts in runs:
        if not facts.results.record["is_finished"]:
            yield f"{facts.name} is not finished: {counted(len(facts.results.record['failures']), 'fit')} failed"
    for one in data:
        if one.is_simulated:
            yield f"{one.name}: simulated people"
        if not one.is_there:
            yield f"{one.name} is no longer where its run says: exclusions, cleaning and checklist are missing"


def _sources_told(sources: PaperSources) -> list[tuple[str, str, str]]:
    runs = [
        (
            name,
            f"run of {results.scores['protocol']} on {results.record['dataset']['name']}"
            + (f", for {', '.join(sources.made_for[name])}" if name in sources.made_for else ""),
            results.record["job"],
        )
        for name, results in sources.all_runs
    ]
    experiments = [
        (experiment.record["name"], f"experiment, {experiment.record['kind']}", fingerprint_json(experiment.tables))
        for experiment in sources.experiments
    ]
    return experiments + runs


_WHAT = {
    "paper.tex": "all tables and figures, methods and checklist as one document",
    "methods.md": "methods, with what is still to be added",
    "methods.tex": "the methods for LaTeX",
    "checklist.md": "reporting guideline of Dunn et al. (2023), filled in",
    "checklist.tex": "the filled-in guideline for LaTeX",
    "checklist.html": "the filled-in guideline as a page",
    "data_card.md": "what the data are, and what they are not for",
    "model_card.md": "what the models are, and what they are not for",
    "licences.md": "terms of packages, data and weights",
}


def _what(path: str, sections: Iterable[_Section]) -> str:
    if path in _WHAT:
        return _WHAT[path]
    folder, stem = Path(path).parts[0], Path(path).stem
    if folder == "tables":
        return next(table["title"] for section in sections for table in section.tables if table["name"] == stem)
    caption = next(figure.caption for section in sections for figure in section.figures if figure.name == stem)
    return f"{caption.split('. ')[0].rstrip('.')}."


def _plain(markdown: str) -> str:
    return " ".join(markdown.replace("*", "").split())
