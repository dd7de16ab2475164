"""``emogap gap``: how often felt and shown differ in a data set, freed of the errors of both labels."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.counted_votes import CountedGap
    from emogap.interfaces.gap_grouping import GroupTable
    from emogap.interfaces.gap_result import GapReport
    from emogap.scoring import Interval

MOST_NAMED = 12
"""So many silent groups are named."""


def run(
    dataset: Annotated[
        Path, typer.Argument(metavar="DATASET", help="Folder of a data set, or votes of CREMA-D.", show_default=False)
    ],
    space: Annotated[
        str, typer.Option(help="emotion3, emotion7, or va for the plane of valence and arousal.")
    ] = "emotion7",
    ratings: Annotated[
        str | None,
        typer.Option(
            help="Single ratings: a study, a folder or file (.csv, .parquet), or a store. Without them raters are"
            " taken as alike.",
            show_default=False,
        ),
    ] = None,
    reliability: Annotated[
        float,
        typer.Option(
            help="Assumed of the self-report: probability that it names what was felt (va: share of its variance that"
            " is not error). Other values are printed beside it."
        ),
    ] = 1.0,
    shown_reliability: Annotated[
        float | None,
        typer.Option(help="Assumed of every vote, instead of an estimate from the votes.", show_default=False),
    ] = None,
    votes: Annotated[
        int | None, typer.Option(help="Votes behind every vote share; found if not given.", show_default=False)
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            help="Print the gap by stimulus, participant, stimulus_group, or a column of the participants such as sex."
            " May be given again.",
            show_default=False,
        ),
    ] = None,
    participants: Annotated[
        Path | None,
        typer.Option(
            help="Table of the participants, for --group: participants.tsv, or the study. That of --ratings if it is"
            " a study.",
            show_default=False,
        ),
    ] = None,
    least: Annotated[
        int, typer.Option(min=2, help="Fewest people of a group (clips of a participant) whose gap is given.")
    ] = 5,
    truth: Annotated[
        Path | None,
        typer.Option(help="truth.parquet of a simulated study, printed beside the estimate.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; DATASET/gap-SPACE if not given.", show_default=False)
    ] = None,
    draws: Annotated[int, typer.Option(min=100, help="Draws of the intervals.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the intervals.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Measure how often the reported emotion and the judged expression of a clip differ, and by how much.

    Both labels hold errors, and every error looks like a gap. What raters mix up is estimated from their agreement and
    taken out. How reliable a self-report is cannot be seen from one answer per clip: it is assumed, and the gap is
    given for other reliabilities too. Intervals are over people, and over people and stimuli.

    Writes gap.json and tables, and figures: labels of both views, shown against felt, over all clips and by stimulus,
    the gap by stimulus and its distribution over participants; for va arrows from felt to shown. With --group a table
    of the groups is printed, and drawn; figures name participants only with --group participant.

    Of CREMA-D's counted votes (tabulatedVotes.csv) it gives the gap of intended and perceived emotion, with intervals
    over actors and sentences.

    Example: emogap gap D --ratings my-study --reliability 0.95
    """
    from emogap.errors import UsageError
    from emogap.interfaces.counted_votes import gap_of_counts, open_counts

    if open_counts(dataset) is not None:
        given = {
            "--space": space != "emotion7",
            "--ratings": ratings is not None,
            "--reliability": reliability != 1,
            "--shown-reliability": shown_reliability is not None,
            "--votes": votes is not None,
            "--group": bool(group),
            "--participants": participants is not None,
            "--truth": truth is not None,
            "--out": out is not None,
        }
        unfit = ", ".join(name for name, is_given in given.items() if is_given)
        if unfit:
            raise UsageError(
                f"counts of votes have one space, no single ratings, self-reports or truth, and no files to write: "
                f"{unfit} does not apply",
                where=str(dataset),
                fix=f"leave out {unfit}",
            )
        _tell_counted(gap_of_counts(dataset, draws=draws, seed=seed), as_json=as_json)
        return
    from emogap.interfaces.gap_report import report_gap

    report = report_gap(
        dataset,
        space=space,
        ratings=ratings,
        reliability=reliability,
        shown_reliability=shown_reliability,
        num_votes=votes,
        groups=group or (),
        participants=participants,
        least=least,
        truth=truth,
        out=out,
        draws=draws,
        seed=seed,
    )
    if as_json:
        say_json({"path": os.fspath(report.path), **report.as_dict()})
    else:
        _print(report)
        for note in report.notes:
            warn(f"note: {note}")


def _tell_counted(gap: "CountedGap", *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        differences = {f"{first} - {second}": asdict(found) for (first, second), found in gap.difference.items()}
        perceived = {name: shares.tolist() for name, shares in gap.perceived.items()}
        modalities = [asdict(modality) for modality in gap.modalities]
        content = {"emotions": gap.emotions, "modalities": modalities, "difference": differences}
        say_json({"views": ["target", "shown"], **content, "perceived": perceived})
        return
    say("gap of intended and perceived emotion: share of votes that name another emotion than the actor was to show")
    say(f"  {'':<24}{'clips':>6}{'gap':>8}  {'95 % interval':<17}majority: intended / tied with it / another")
    for modality in gap.modalities:
        majority = f"{modality.agree} / {modality.tie} / {modality.differ}"
        say(f"  {modality.modality:<24}{modality.num_clips:>6}{_percent(modality.gap)}  {majority}")
        for emotion, found in modality.by_emotion.items():
            say(f"    {emotion:<28}{_percent(found)}")
    for (first, second), found in gap.difference.items():
        say(f"  {f'{first} less {second}':<30}{_percent(found)}")
    say(f"95 % over {gap.modalities[0].gap.clusters}; nobody's feeling is in these data")


def _percent(found: "Interval") -> str:
    return f"{found.estimate:>8.1%}  {f'{found.low:.1%} to {found.high:.1%}':<17}"


def _print(report: "GapReport") -> None:
    from emogap.interfaces.gap_result import MEANING

    people = counted(report.num_people, "simulated person" if report.simulated else "person")
    left_out = f"; {counted(report.num_left_out, 'clip')} without both labels left out" if report.num_left_out else ""
    size = f"{counted(report.num_clips, 'clip')}, {people}, {counted(report.num_stimuli, 'stimulus')}"
    say(f"{report.dataset}: {size}{left_out}")
    say(f"gap in {report.space}: {MEANING}")
    form = "{:.3f}" if report.space == "va" else "{:.1%}"
    say(f"  {'':<44}{'estimate':>9}  {'95 % interval':<17}assuming")
    for row in report.rows:
        between = "" if row.low is None or row.high is None else f"{form.format(row.low)} to {form.format(row.high)}"
        say(f"  {row.quantity:<44}{form.format(row.estimate):>9}  {between:<17}{row.assumed}")
    for table in report.tables:
        if table.was_asked:
            _print_groups(table, form)
    if report.raters:
        named = ", ".join(f"{name} {100 * value:.0f} %" for name, value in report.raters.items())
        say(f"votes that name the shown class: {named}")
    say(f"written to {report.path}")


def _print_groups(table: "GroupTable", form: str) -> None:
    grouping = table.grouping
    say(
        f"by {grouping.kind}, intervals over {grouping.counted}; fewer than {grouping.least} {grouping.counted}: silent"
    )
    if table.groups:
        say(f"  {grouping.kind:<20}{'people':>8}{'clips':>8}{'observed':>10}{'corrected':>11}  95 % interval")
    for one in table.groups:
        between = f"{form.format(one.low)} to {form.format(one.high)}"
        numbers = f"{form.format(one.observed):>10}{form.format(one.corrected):>11}"
        say(f"  {one.name:<20}{one.num_people:>8}{one.num_clips:>8}{numbers}  {between}")
    if grouping.silent:
        named = [name if number is None else f"{name} ({number})" for name, number in grouping.silent.items()]
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        say(f"  silent: {', '.join(named[:MOST_NAMED])}{more}")
        if None in grouping.silent.values():
            say("  (where one group alone would be silent, so is the smallest other: it could be had by subtraction)")
    if grouping.num_unstated:
        told = grouping.num_unstated_told
        people = f"fewer than {counted(grouping.least, 'person')}" if told is None else counted(told, "person")
        say(f"  in no group: {people} of unknown {grouping.kind}")
