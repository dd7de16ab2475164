"""Tiny recordings of lids and pupils written by the tests, plain and with blinks marked.

No row is copied from a real recording.
"""

from pathlib import Path

BLINK, ONE_EYE, HOLE = range(5, 9), 11, 14
"""Rows with both pupils lost and the lid closing, the row with the left pupil lost alone, and the row after a hole of
0.5 s."""


def stamp(row: int) -> str:
    """Wall clock of a row: 11 ms each, past a minute's end."""
    ticks = 599_500 + 110 * row + (5_000 if row >= HOLE else 0)
    return f"2026-02-03 09:{58 + ticks // 600_000}:{ticks % 600_000 // 10_000:02d}.{ticks % 10_000:04d}"


def cells(row: int, *, decimal: str = ".") -> list[str]:
    left = -1.0 if row in BLINK or row == ONE_EYE else 3.25 + row / 100
    right = -1.0 if row in BLINK else 4.5 + row / 100
    openness = 0.0 if row in BLINK else 1.0
    return [str(value).replace(".", decimal) for value in (openness, openness / 2, left, right)]


def recording(num_rows: int = 17, *, decimal: str = ".") -> str:
    lines = ["frame;Timestamp;openness_L;openness_R;pupil_diameter_L(mm);pupil_diameter_R(mm);"]
    lines += [";".join([str(row), stamp(row), *cells(row, decimal=decimal), ""]) for row in range(num_rows)]
    return "\n".join(lines) + "\n"


def marked(num_rows: int = 17) -> str:
    """The blink marked on row 7 with the time from its first to its last row, 33 ms."""
    lines = [";frame;timestamp;openness_L;openness_R;pupil_diam_L;pupil_diam_R;blink"]
    for row in range(num_rows):
        mark = "0.03299999999998" if row == 7 else ""
        lines.append(";".join([str(row), str(row), stamp(row), *cells(row), mark]))
    return "\n".join(lines) + "\n"


def write_examples(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"plain.csv": recording(), "marked.csv": marked()}
    for name, text in contents.items():
        (folder / name).write_text(text)
    return [folder / name for name in contents]
