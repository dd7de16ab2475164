"""What a gaze file says of the screen, completed by what was stated beside it."""

from emogap.types import Screen

__all__ = ["completed_screen"]


def completed_screen(in_file: Screen | None, stated: Screen, *, by: str) -> tuple[Screen, tuple[str, ...]]:
    """The screen of a gaze file with what only `stated` knows of it, and a doubt where the two disagree.

    Parameters
    ----------
    in_file : Screen or None
        None if the file says nothing of the screen.
    stated : Screen
    by : str
        Who stated it, such as ``study.toml``.
    """
    if in_file is None:
        return stated, ()
    screen = Screen(in_file.size_px, in_file.size_mm or stated.size_mm, in_file.distance_mm or stated.distance_mm)
    if in_file.size_px == stated.size_px:
        return screen, ()
    return screen, (f"the gaze file states a screen of {in_file.size_px} px, {by} one of {stated.size_px}",)
