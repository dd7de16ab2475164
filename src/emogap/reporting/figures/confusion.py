"""A confusion matrix: rows are labels, columns what the model said, shaded by the share of the row."""

from collections.abc import Sequence

from emogap.reporting.figures.svg import INK, document, label, rectangle, text_room

__all__ = ["confusion", "short_name"]

LEFT, TOP, CELL = 96.0, 64.0, 58.0


def confusion(matrix: Sequence[Sequence[float]], classes: Sequence[str], *, model: str, colour: str) -> str:
    """Counts and shares of one model; an SVG document.

    Parameters
    ----------
    matrix : K rows of K counts
        Rows are labels.
    classes : sequence of str
        K names.
    model : str
    colour : str
        Of a cell that holds the whole row.
    """
    cell = CELL if len(classes) <= 4 else 44.0
    size = len(classes) * cell
    said = "columns: said; rows: label"
    parts = [
        label(LEFT, 14, model, bold=True, size=13),
        label(LEFT, 30, said, size=10.5, colour="#5b6875"),
    ]
    for column, name in enumerate(classes):
        parts.append(label(LEFT + (column + 0.5) * cell, TOP - 8, short_name(name, cell), anchor="middle", size=10.5))
    for position, (name, counts) in enumerate(zip(classes, matrix, strict=True)):
        y = TOP + position * cell
        parts.append(label(LEFT - 7, y + cell / 2 + 4, short_name(name, LEFT), anchor="end", size=10.5))
        total = sum(counts)
        for column, count in enumerate(counts):
            x = LEFT + column * cell
            share = count / total if total else 0.0
            parts.append(rectangle(x + 1, y + 1, cell - 2, cell - 2, colour="#e9edf1"))
            parts.append(rectangle(x + 1, y + 1, cell - 2, cell - 2, colour=colour, opacity=share))
            ink = "#ffffff" if share > 0.7 else INK
            middle = x + cell / 2
            parts.append(label(middle, y + cell / 2, f"{count:g}", anchor="middle", size=13, colour=ink))
            if total:
                percent = f"{100 * share:.0f} %"
                parts.append(label(middle, y + cell / 2 + 14, percent, anchor="middle", size=9.5, colour=ink))
    width = LEFT + max(size, text_room(model, size=13, bold=True), text_room(said, size=10.5)) + 4
    return document(width, TOP + size + 4, parts, title=f"confusion matrix of {model}")


def short_name(name: str, width: float) -> str:
    """A name as far as `width` pixels have room for it.

    Examples
    --------
    >>> short_name("surprise", 31.0), short_name("fear", 31.0)
    ('surp.', 'fear')
    """
    room = int(width / 6.2)
    return name if len(name) <= room else name[: room - 1] + "."
