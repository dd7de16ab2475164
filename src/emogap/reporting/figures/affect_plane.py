"""The continuous gap: from where clips were felt to where they were judged, in the plane of valence and arousal."""

from collections.abc import Sequence

from emogap.reporting.figures.svg import circle, document, label, line, polygon, text_room

__all__ = ["affect_plane"]

FELT, SHOWN = "#1f6f8b", "#c8553d"
SIZE, LEFT, TOP = 380.0, 60.0, 62.0


def affect_plane(
    felt: Sequence[tuple[float, float]],
    shown: Sequence[tuple[float, float]],
    names: Sequence[str],
    *,
    faint: Sequence[tuple[float, float, float, float]] = (),
    title: str,
) -> str:
    """Arrows from felt to shown valence and arousal, one for each stimulus; an SVG document.

    Parameters
    ----------
    felt, shown : sequence of (valence, arousal)
        In [-1, 1]; means of the stimuli.
    names : sequence of str
        Of the stimuli, beside the felt points.
    faint : sequence of (felt valence, felt arousal, shown valence, shown arousal)
        Single clips, as faint lines behind.
    title : str
    """

    def place(point: Sequence[float]) -> tuple[float, float]:
        return LEFT + (point[0] + 1) / 2 * SIZE, TOP + (1 - point[1]) / 2 * SIZE

    parts = [label(8, 16, title, bold=True, size=13)]
    parts.append(circle(14, 31, 4, colour=FELT) + label(23, 35, "felt (mean of a stimulus)", size=11))
    parts.append(line((186, 31), (204, 31), colour=SHOWN, width=2) + label(210, 35, "to shown; faint: clips", size=11))
    parts += [line(place((-1, v)), place((1, v)), colour="#d5dbe1") for v in (-1, 0, 1)]
    parts += [line(place((v, -1)), place((v, 1)), colour="#d5dbe1") for v in (-1, 0, 1)]
    for tick in (-1.0, -0.5, 0.0, 0.5, 1.0):
        x, _ = place((tick, -1))
        _, y = place((-1, tick))
        parts.append(label(x, TOP + SIZE + 16, f"{tick:g}", anchor="middle", size=10.5))
        parts.append(label(LEFT - 7, y + 4, f"{tick:g}", anchor="end", size=10.5))
    parts += [line(place(one[:2]), place(one[2:]), colour="#eadfda", width=0.6) for one in faint]
    for start, stop in zip(felt, shown, strict=True):
        parts += _arrow(place(start), place(stop))
    parts += _names([place(start) for start in felt], names)
    parts.append(label(LEFT + SIZE / 2, TOP + SIZE + 34, "valence", anchor="middle", size=12))
    parts.append(label(LEFT - 7, TOP - 8, "arousal", anchor="end", size=12))
    width = max(LEFT + SIZE + 44, 16 + text_room(title, size=13, bold=True))
    return document(width, TOP + SIZE + 44, parts, title=title)


def _names(points: Sequence[tuple[float, float]], names: Sequence[str]) -> list[str]:
    """A name beside each point, moved down until it covers no other."""
    parts: list[str] = []
    taken: list[tuple[float, float]] = []
    for (x, y), name in sorted(zip(points, names, strict=True), key=lambda pair: pair[0][1]):
        while any(abs(x - other) < 34 and abs(y - height) < 11 for other, height in taken):
            y += 3
        taken.append((x, y))
        parts.append(label(x - 6, y + 4, name, anchor="end", size=10, colour="#3c4753"))
    return parts


def _arrow(start: tuple[float, float], stop: tuple[float, float]) -> list[str]:
    """A line with a head at `stop` and a dot at `start`."""
    across, down = stop[0] - start[0], stop[1] - start[1]
    length = (across**2 + down**2) ** 0.5
    parts = [line(start, stop, colour=SHOWN, width=2), circle(*start, 3.6, colour=FELT)]
    if length > 6:
        x, y = across / length, down / length
        back = (stop[0] - 8 * x, stop[1] - 8 * y)
        corners = (stop, (back[0] - 4 * y, back[1] + 4 * x), (back[0] + 4 * y, back[1] - 4 * x))
        parts.append(polygon(corners, colour=SHOWN, opacity=1, width=0.5))
    return parts
