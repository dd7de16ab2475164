"""Tiny EyeLink .asc files written by the tests, with losses, events and messages planted at known samples.

No line is copied from a real recording.
"""

from pathlib import Path

START_MS = 5_000_000
PREAMBLE = (
    "** CONVERTED FROM made-up.edf using edfapi 4.2.1\n"
    "** DATE: Tue Feb  3 04:05:06 2026\n"
    "** TYPE: EDF_FILE BINARY EVENT SAMPLE TAGGED\n"
    "** VERSION: EYELINK II 1\n"
    "** EYELINK II CL v6.14 Mar  6 2020 (EyeLink 1000 Plus)\n"
    "**\n\n"
)
CALIBRATION = (
    "MSG\t4999000 DISPLAY_COORDS 0 0 799 399\n"
    "MSG\t4999100 !CAL VALIDATION HV9 LR LEFT  GOOD ERROR 0.37 avg. 0.92 max  OFFSET 0.11 deg. 3.7,2.4 pix.\n"
    "MSG\t4999500 DRIFTCORRECT LR LEFT  at 400,200  OFFSET 0.25 deg.  12.5,7.9 pix.\n"
)
LEFT_LOST, BOTH_LOST = 4, 6
"""Samples, counted from 0 in each block, at which the left eye or both are lost."""


def gaze_px(sample: int, eye: int) -> tuple[float, float]:
    return 100.5 + 11 * sample + 7 * eye, 300.25 - 5 * sample - 3 * eye


def pupil_au(sample: int, eye: int) -> float:
    return 900.0 + sample + 40 * eye


def sample_line(time: str, sample: int, eyes: str, more: str) -> str:
    cells = [time]
    for eye, name in enumerate("LR"):
        if name not in eyes:
            continue
        if sample == BOTH_LOST or (sample == LEFT_LOST and name == "L"):
            cells += ["   .", "   .", "    0.0"]
        else:
            x, y = gaze_px(sample, eye)
            cells += [f"  {x:.2f}", f"  {y:.2f}", f"  {pupil_au(sample, eye):.1f}"]
    return "\t".join(cells) + more + "\n"


def block(
    start_ms: float = START_MS,
    *,
    num_samples: int = 11,
    rate_hz: float = 500,
    eyes: str = "LR",
    more: str = "\t.....",
    extra: str = "",
    position: str = "GAZE",
    half_ms: bool = False,
    lines_after: str = "",
) -> str:
    """One recording block; `more` follows each sample, `extra` the words of the line SAMPLES."""
    names = "\t".join({"L": "LEFT", "R": "RIGHT"}[eye] for eye in eyes)
    what = f"{position}\t{names}\tRATE\t{rate_hz:7.2f}\tTRACKING\tCR\tFILTER\t2"
    times = [start_ms + sample * 1000 / rate_hz for sample in range(num_samples)]
    written = [f"{time:.1f}" if half_ms else f"{int(time)}" for time in times]
    samples = "".join(sample_line(time, sample, eyes, more) for sample, time in enumerate(written))
    return (
        f"START\t{written[0]} \t{names}\tSAMPLES\tEVENTS\nPRESCALER\t1\nVPRESCALER\t1\nPUPIL\tAREA\n"
        f"EVENTS\t{what}\nSAMPLES\t{what}{extra}\n{samples}{lines_after}"
        f"END\t{int(times[-1]) + 1} \tSAMPLES\tEVENTS\tRES\t  47.75\t  45.92\n"
    )


EVENTS = (
    f"SFIX L   {START_MS}\n"
    f"EFIX L   {START_MS}\t{START_MS + 6}\t8\t  120.5\t  280.5\t    905\n"
    f"EFIX R   {START_MS}\t{START_MS + 8}\t10\t  130.5\t  270.5\t    940\n"
    f"EBLINK L {START_MS + 10}\t{START_MS + 12}\t4\n"
    f"ESACC L  {START_MS + 8}\t{START_MS + 16}\t10\t  150.0\t  270.0\t  190.0\t  250.0\t   1.75\t    180\n"
    f"ESACC R  {START_MS + 10}\t{START_MS + 14}\t6\t  160.0\t  260.0\t  180.0\t  255.0\t   0.62\t     90\n"
)
TRIAL = (
    f"MSG\t{START_MS - 20} TRIALID face 7\n"
    f"MSG {START_MS + 4} SYNCTIME\n"
    f"INPUT\t{START_MS + 6}\t127\n"
    f"BUTTON\t{START_MS + 8}\t3\t1\n"
)
TRIAL_END = f"MSG\t{START_MS + 900} TRIAL_RESULT 0\n"


def binocular() -> str:
    """Two blocks of 11 and 7 samples at 500 Hz, 600 ms apart; the second holds the right eye only."""
    second = block(START_MS + 620, num_samples=7, eyes="R", more="\t...", lines_after="")
    return PREAMBLE + CALIBRATION + TRIAL + block(lines_after=EVENTS) + second + TRIAL_END


def monocular() -> str:
    """One block of 9 samples at 2000 Hz, left eye, with velocity, resolution and input columns."""
    more = "\t   1.5\t  -2.5\t  47.7\t  45.9\t  127.0\t..."
    return PREAMBLE + block(num_samples=9, rate_hz=2000, eyes="L", more=more, extra="\tVEL\tRES\tINPUT", half_ms=True)


def write_examples(folder: Path) -> list[Path]:
    """The examples of the reader ``eyelink_asc``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "binocular.asc", folder / "monocular.asc"]
    for path, text in zip(paths, (binocular(), monocular()), strict=True):
        path.write_bytes(text.encode())
    return paths
