"""``emogap simulate``: a study with a known truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json

if TYPE_CHECKING:
    from emogap.simulation import SimulationConfig


def run(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; the same command goes on in it.")],
    participants: Annotated[int, typer.Option(help="Number of people.")] = 24,
    stimuli: Annotated[int, typer.Option(help="Number of films; multiples of 7 have every target equally often.")] = 14,
    stimuli_per_participant: Annotated[
        int | None, typer.Option(help="Films that each person is shown, every film equally often. Without it: all.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
    signal: Annotated[float, typer.Option(help="How strongly feelings move the eyes and expressions the face.")] = 1.0,
    person_effect: Annotated[float, typer.Option(help="Factor on all differences between people.")] = 1.0,
    stimulus_effect: Annotated[float, typer.Option(help="Factor on all differences between films.")] = 1.0,
    display_rules: Annotated[float, typer.Option(help="Share of clips shown otherwise than felt.")] = 0.22,
    clip_s: Annotated[float, typer.Option(help="Length of a clip in s.")] = 8.0,
    pause_s: Annotated[float, typer.Option(help="Grey screen before each clip in s.")] = 1.5,
    rate: Annotated[int, typer.Option(help="Sampling rate of the tracker in Hz.")] = 120,
    video: Annotated[bool, typer.Option(help="Draw face videos.")] = True,
    layout: Annotated[
        str, typer.Option(help="study, or emer: a miniature of the release of EMER, which 'emogap reproduce' reads.")
    ] = "study",
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Write a simulated study: Tobii Pro Lab gaze, face videos, answers, ratings, and the truth behind them.

    The people are drawn, so what is found in them is a property of the simulation. The best possible score is
    computed from the truth and stands in study.toml. Stopped in the middle, the same command goes on.

    Example: emogap simulate my-study --participants 24 --stimuli 14 --seed 0
    """
    from emogap.errors import UnknownNameError
    from emogap.interfaces.simulation_options import simulation_config
    from emogap.recording.study import open_study
    from emogap.simulation import simulate_study

    config = simulation_config(
        participants=participants,
        stimuli=stimuli,
        stimuli_per_participant=stimuli_per_participant,
        seed=seed,
        signal=signal,
        person_effect=person_effect,
        stimulus_effect=stimulus_effect,
        display_rules=display_rules,
        clip_s=clip_s,
        pause_s=pause_s,
        rate_hz=rate,
        video=video,
    )
    if layout == "emer":
        _write_miniature(out, config, as_json=as_json)
        return
    if layout != "study":
        raise UnknownNameError("layout", layout, ("study", "emer"))
    study = open_study(simulate_study(out, config, jobs=jobs or -1), with_sessions=False)
    if as_json:
        say_json({"path": str(out), "name": study.name, "ceiling": study.ceilings})
        return
    each = stimuli_per_participant or stimuli
    films = f"{each} of {counted(stimuli, 'film')}" if each < stimuli else counted(stimuli, "film")
    say(f"{study.name}: {counted(participants, 'person')} x {films} = {counted(participants * each, 'clip')}, in {out}")
    say("best possible scores (new people and films; in brackets: films seen before):")
    for name, numbers in study.ceilings.items():
        war, uar = (f"{numbers[key]:.2f} ({numbers[f'{key}_stimulus_known']:.2f})" for key in ("war", "uar"))
        say(f"  {name:<16} WAR {war}  UAR {uar}")
    say(f"next: emogap build {out} DATASET")


def _write_miniature(out: Path, config: "SimulationConfig", *, as_json: bool) -> None:
    from emogap.simulation.emer_release import simulate_emer_release

    made = simulate_emer_release(out, config)
    if as_json:
        say_json({"path": str(out), "num_clips": len(made.set_of), "shared_people": made.shared_people})
        return
    say(f"a miniature of EMER's release: {counted(len(made.set_of), 'clip')} of {config.participants} people, in {out}")
    say(f"in two sets on purpose: {', '.join(made.shared_people)}")
    say(f"next: emogap reproduce emer {out} --release {out / 'release.toml'} --models linear --preset quick")
