"""Tiny tables with the mapping that explains them, written by the tests. No row is copied from a real recording."""

from pathlib import Path

MAPPING = """\
# One line of this file is wrong in some tests.
schema = 1
device = "home-made tracker"
rate_hz = 50
missing = ["-1", "lost"]
valid_codes = ["0", "ok"]
pupil_unit = "mm"
participant = "who"
stimulus = "film"

[time]
column = "clock"
unit = "ms"

[position]
frame = "screen_px"

[screen]
size_px = [800, 400]
size_mm = [400, 100]

[[eye]]
eye = "right"
x = "rx"
y = "ry"
valid = "rv"
pupil = "rp"

[[eye]]
eye = "left"
x = "lx"
y = "ly"
pupil = "lp"
openness = "lo"
"""
LOST_CODE, LOST_FLAG, LOST_WORD = 2, 4, 5
"""Rows of the first participant: both eyes at -1; right eye not valid; left eye 'lost'."""


def table(people: tuple[tuple[str, int], ...] = (("Ann", 9), ("Ben", 7))) -> str:
    lines = ["who;clock;film;rx;ry;rv;rp;lx;ly;lp;lo;remark"]
    for who, num_rows in people:
        for row in range(num_rows):
            right = ["-1", "-1.0"] if row == LOST_CODE else [str(100 + 10 * row), str(300 - 7 * row)]
            left = ["-1", "-1"] if row == LOST_CODE else [str(110 + 10 * row), str(290 - 7 * row)]
            left = ["lost", "lost"] if row == LOST_WORD else left
            flag = "3" if row == LOST_FLAG else "ok" if row == 1 else "0"
            film = "" if row < 2 else "cat" if row < 5 else "dog"
            cells = [who, str(1000 + 20 * row), film, *right, flag, f"{3 + row / 10:.1f}", *left, "4.25", "0.5", ""]
            lines.append(";".join(cells))
    return "\n".join(lines) + "\n"


def write_examples(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "columns.toml").write_text(MAPPING)
    (folder / "lab.csv").write_text(table())
    return [folder / "lab.csv"]
