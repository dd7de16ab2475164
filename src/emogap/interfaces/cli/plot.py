"""``emogap plot``: a figure of where and how somebody looked."""

from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json, warn


def run(
    kind: Annotated[str, typer.Argument(metavar="FIGURE", help="scanpath, heatmap, trace or quality.")],
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder of a study, or one file of a tracker.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The figure to write: .svg, .pdf or .png.")],
    participant: Annotated[
        str | None,
        typer.Option(help="Whose gaze; heatmap and quality: everybody if not given.", show_default=False),
    ] = None,
    stimulus: Annotated[
        str | None,
        typer.Option(help="While this was shown; trace and quality: the whole if not given.", show_default=False),
    ] = None,
    from_s: Annotated[
        float | None,
        typer.Option("--from", min=0, help="Seconds from the onset of the stimulus, or of the recording."),
    ] = None,
    to_s: Annotated[float | None, typer.Option("--to", min=0, help="End of the stretch, likewise.")] = None,
    cleaning: Annotated[str, typer.Option(help="trace: what emer, standard or none alters is marked.")] = "standard",
    as_json: AsJson = False,
) -> None:
    """Draw fixations in their order (scanpath), their density (heatmap), gaze and pupil (trace), or data quality.

    The stimulus is drawn below where its film is in the study. The same files give the same bytes. A figure of a study
    shows a person: 'emogap forget' finds and removes it.

    Example: emogap plot scanpath my-study p001-s003.svg --participant p001 --stimulus s003
    """
    from emogap.interfaces.plotting import PlotChoice, plot

    plotted = plot(kind, source, out, PlotChoice(participant, stimulus, from_s, to_s, cleaning))
    if as_json:
        say_json(
            {
                "path": str(plotted.path),
                "figure": kind,
                "recordings": list(plotted.names),
                "stimulus": plotted.stimulus,
                "from_s": plotted.from_s,
                "to_s": plotted.to_s,
                "doubts": list(plotted.doubts),
            }
        )
        return
    for doubt in plotted.doubts:
        warn(f"note: {doubt}")
    say(str(plotted.path))
