"""Tiny exports of Gazepoint Analysis written by the tests: all gaze of two media, and fixations.

No row is copied from a real recording.
"""

from pathlib import Path

HEADING = (
    "MEDIA_ID,MEDIA_NAME,CNT,TIME(2026/03/04 09:08:07.250),TIMETICK(f=10000000),FPOGX,FPOGY,FPOGS,FPOGD,FPOGID,FPOGV,"
    "BPOGX,BPOGY,BPOGV,LPCX,LPCY,LPD,LPS,LPV,RPCX,RPCY,RPD,RPS,RPV,BKID,BKDUR,BKPMIN,LPMM,LPMMV,RPMM,RPMMV,"
    "SACCADE_MAG,SACCADE_DIR,AOI,"
)
RATE_HZ = 150
START_S = 12.5
LOST, OFF_SCREEN, ONE_PUPIL = (5, 6), 9, 3
"""Rows of a blink (number 4), whose values are still there; the row at x = 1.25, y = -0.5; the row without a right
pupil."""
FIXATIONS = {7: (0, 4), 8: (7, 11)}
"""First and last row of each fixation by its number; the first began 40 ms before the recording."""
CENTRES = {7: (0.4, 0.3), 8: (0.6, 0.7)}


def point(row: int) -> tuple[float, float]:
    return (1.25, -0.5) if row == OFF_SCREEN else (0.4 + 0.01 * row, 0.3 + 0.02 * row)


def sample(row: int, *, start_s: float = START_S, medium: tuple[int, str] = (0, "clip-1.mp4")) -> str:
    time_s = start_s + row / RATE_HZ
    number = max((key for key, (first, _) in FIXATIONS.items() if row >= first), default=7)
    first, last = FIXATIONS[number]
    onset_s = start_s + first / RATE_HZ - (0.04 if number == 7 else 0)
    in_fixation = first <= row <= last
    x, y = point(row)
    fixation = [*CENTRES[number], f"{onset_s:.5f}", f"{time_s - onset_s:.5f}", number, int(in_fixation)]
    lost = row in LOST
    left = [0.31, 0.52, 14.25 + row / 10, 1.02, int(not lost)]
    right = [0.61, 0.53, 15.5 + row / 10, 1.03, int(not lost and row != ONE_PUPIL)]
    blink = [4 if lost else 0, 0.0, 17]
    pupils = [f"{3.1 + row / 100:.3f}", int(not lost), f"{3.6 + row / 100:.3f}", int(not lost and row != ONE_PUPIL)]
    cells = [*medium, row, f"{time_s:.5f}", 500_000_000_000 + 66_667 * row, *fixation, f"{x:.5f}", f"{y:.5f}"]
    cells += [int(not lost), *left, *right, *blink, *pupils, 0.0, 0.0, "", ""]
    return ",".join(str(cell) for cell in cells)


def all_gaze(num_rows: int = 13) -> str:
    """One clock for two media: the second from row 8 on."""
    rows = [sample(row, medium=(0, "clip-1.mp4") if row < 8 else (1, "clip-2.mp4")) for row in range(num_rows)]
    return "\n".join([HEADING, *rows]) + "\n"


def clock_per_medium(num_rows: tuple[int, int] = (12, 7)) -> str:
    """A clock that starts anew with the second medium."""
    rows = [
        sample(row, start_s=0.0, medium=(number, f"clip-{number + 1}.mp4"))
        for number, count in enumerate(num_rows)
        for row in range(count)
    ]
    return "\n".join([HEADING, *rows]) + "\n"


def fixations() -> str:
    """The last row of each fixation, as the export of fixations has it, and a third one."""
    later = sample(11).replace(f"{START_S + 11 / RATE_HZ:.5f}", "13.90000").replace(",8,1,", ",9,1,")
    later = later.replace(f"{START_S + 7 / RATE_HZ:.5f}", "13.50000")
    return (
        "\n".join([HEADING, sample(4), sample(11).replace(f",{START_S + 11 / RATE_HZ:.5f},", ",13.00000,"), later])
        + "\n"
    )


def write_examples(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "User 0_all_gaze.csv": all_gaze(),
        "User 1_all_gaze.csv": clock_per_medium(),
        "User 0_fixations.csv": fixations(),
    }
    for name, text in contents.items():
        (folder / name).write_text(text)
    return [folder / name for name in contents]
