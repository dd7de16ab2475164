"""``emogap stimuli``: choose stimuli by experts' votes, and see what gives their class away."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.annotation.stimulus_selection import Selection
    from emogap.interfaces.stimulus_check import StimulusCheck

ACTIONS = ("select", "check")


def run(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="select or check.")],
    source: Annotated[
        Path, typer.Argument(metavar="CANDIDATES|STUDY", help="select: table of candidates; check: study or folder.")
    ],
    votes: Annotated[
        str | None,
        typer.Argument(metavar="[VOTES]", help="select: the experts' votes, a file or a store.", show_default=False),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="select: stimuli per class.")] = 4,
    ties: Annotated[
        str, typer.Option(help="select: candidates that tie for the last place: keep, leave-out.")
    ] = "keep",
    question: Annotated[
        str | None, typer.Option(help="select: the question that asks for the class.", show_default=False)
    ] = None,
    target: Annotated[str, typer.Option(help="check: column of stimuli.tsv with the class.")] = "target_emotion7",
    detector: Annotated[str, typer.Option(help="check: face detector: auto, haar, yunet, mtcnn, none.")] = "auto",
    draws: Annotated[int, typer.Option(min=39, help="Shuffles (check) or resamples (select).")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the shuffles.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="select: table to write; check: folder to make.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Choose the stimuli that experts agree on, or measure what else tells their classes apart.

    select takes CANDIDATES (tab-separated, with stimulus_id) and VOTES (item, annotator, rating; item = stimulus_id).
    Candidates whose votes tie between classes are never chosen; what ties for the last place is said.
    check measures length, luminance, motion, loudness and faces of every film, and how well each of them alone
    predicts the class of a stimulus that was left out, against classes dealt at random.

    Example: emogap stimuli select candidates.tsv votes.csv -k 4 --out stimuli.tsv
    """
    from emogap.errors import UnknownNameError, UsageError

    if action not in ACTIONS:
        raise UnknownNameError("action", action, ACTIONS)
    if action == "check":
        if votes is not None:
            raise UsageError("check takes no votes", fix="emogap stimuli check STUDY")
        _check(source, target=target, detector=detector, draws=draws, seed=seed, out=out, as_json=as_json)
        return
    if votes is None:
        raise UsageError("select needs the experts' votes", fix="emogap stimuli select CANDIDATES VOTES")
    _select(source, votes, k=k, ties=ties, question=question, draws=draws, seed=seed, out=out, as_json=as_json)


def _select(
    candidates: Path,
    votes: str,
    *,
    k: int,
    ties: str,
    question: str | None,
    draws: int,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    from dataclasses import asdict

    from emogap.interfaces.stimulus_choice import choose_stimuli, write_choice

    choice = choose_stimuli(candidates, votes, per_class=k, ties=ties, question=question, draws=draws, seed=seed)
    if out is not None:
        write_choice(choice, out)
    if as_json:
        say_json({**asdict(choice.selection), "without_votes": list(choice.without_votes)})
    else:
        _print_selection(choice.selection, k)
    for name in choice.without_votes:
        warn(f"{name} is a candidate without a vote")


def _print_selection(selection: "Selection", k: int) -> None:
    alpha = selection.agreement
    say(f"{counted(len(selection.chosen), 'stimulus')} chosen, {k} per class wanted")
    say(
        f"agreement of the experts: Krippendorff's alpha {alpha.estimate:.3f}"
        f" (95 % interval {alpha.low:.3f} to {alpha.high:.3f} over {alpha.clusters})"
    )
    width = max([len(chosen.stimulus_id) for chosen in selection.chosen], default=0)
    for chosen in selection.chosen:
        tied = "  ties for the last place" if chosen.is_tied else ""
        say(
            f"  {chosen.emotion:<10} {chosen.stimulus_id:<{width}}  {chosen.votes} of {chosen.num_votes}"
            f" votes ({chosen.votes / chosen.num_votes:.0%}){tied}"
        )
    for chosen in selection.tied_out:
        say(f"  left out   {chosen.stimulus_id}: ties for the last place of {chosen.emotion}")
    for stimulus, emotions in selection.undecided.items():
        say(f"  undecided  {stimulus}: as many votes for {' as for '.join(emotions)}")
    for emotion, number in selection.short.items():
        warn(f"{emotion} has {number} of {k} stimuli: show the experts more candidates")
    if selection.left_out_machines:
        warn(f"votes of machines are not counted: {', '.join(selection.left_out_machines)}")


def _check(source: Path, *, target: str, detector: str, draws: int, seed: int, out: Path | None, as_json: bool) -> None:
    from dataclasses import asdict

    from emogap.interfaces.stimulus_check import check_stimuli, write_check

    check = check_stimuli(source, target=target, detector=detector, draws=draws, seed=seed)
    if out is not None:
        write_check(check, out)
    if as_json:
        say_json(asdict(check))
    else:
        _print_check(check)
    failed = [stimulus for stimulus in check.stimuli if stimulus.problem]
    for stimulus in failed:
        warn(f"{stimulus.stimulus_id}: {stimulus.problem}")
    if failed:
        raise typer.Exit(1)


def _print_check(check: "StimulusCheck") -> None:
    from emogap.interfaces.stimulus_check import PROPERTIES

    width = max(len(stimulus.stimulus_id) for stimulus in check.stimuli)
    emotions = max(len(stimulus.emotion or "-") for stimulus in check.stimuli)
    shown = [name for name in PROPERTIES if any(name in stimulus.value for stimulus in check.stimuli)]
    say(counted(len(check.stimuli), "stimulus") + ("" if check.detector is None else f"; faces by {check.detector}"))
    say(f"  {'stimulus':<{width}}  {'class':<{emotions}}" + "".join(f"  {name:>13}" for name in shown))
    for stimulus in check.stimuli:
        cells = "".join(f"  {f'{stimulus.value[name]:.4g}' if name in stimulus.value else '-':>13}" for name in shown)
        say(f"  {stimulus.stimulus_id:<{width}}  {stimulus.emotion or '-':<{emotions}}{cells}")
    if not check.predictions:
        say("no property is held against the class: " + "; ".join(dict.fromkeys(check.not_predicted.values())))
        return
    say("class of a stimulus that was left out, predicted from one property (nearest class mean):")
    say(f"  {'property':<34} stimuli  accuracy    UAR   UAR of shuffled classes    p")
    for name, title in PROPERTIES.items():
        if name in check.predictions:
            found = check.predictions[name]
            low, high = found.chance_uar
            say(
                f"  {title:<34} {found.num_units:>7}  {found.accuracy:>8.3f}  {found.uar:>5.3f}"
                f"   {low:>10.3f} to {high:.3f}   {found.p:>7.4f}"
            )
        else:
            say(f"  {title:<34} {check.not_predicted[name]}")
    tests = len(check.predictions)
    if tests > 1:
        say(f"{tests} properties were tried: a p below {0.05 / tests:.4f} is below 0.05 after Bonferroni's correction")
