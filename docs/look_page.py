"""Write ``docs/look.md``: what ``emogap look`` says of every real file that the project is tested on.

Run it with the folder of the real recordings: ``python docs/look_page.py ../shared/data``. A test compares the page
with what the command says.
"""

import sys
from pathlib import Path

from emogap.recording.overview import look_at
from emogap.recording.overview_text import draw_file

FOLDERS = ("exports", "video")
PAGE = Path(__file__).parent / "look.md"

HEAD = """\
# What look says of real files

The real files that emogap is tested on, and what `emogap look` says of each: nothing here is edited. The page is
written by `python docs/look_page.py FOLDER`, and a test compares it with the command. Where the file does not tell
something, it is *unknown* or *not stated*, and what is doubtful stands under *what to question*.

| to look for | where |
|---|---|
| a rate that the clock does not bear out: spliced | `eyelink_monocular_example.asc`, `..._2khz_example.asc` |
| a clock that is none: it counts 1 ms; it is stepped | `OpenFace_Test.csv`; `35.csv` |
| a heading that is wrong | `35.csv` |
| a device without a point of gaze | the four files under `ier2023_vr` |
| a rate with and without the holes of the clock | `ier2023_vr` |
| a header that counts more frames than there are | `no_face.mp4` |
| a rate that varies | `face_noface.mov`, `noface_face.mov` |

The recordings themselves are not part of emogap.
"""


def real_files(data: Path) -> tuple[Path, ...]:
    """Every recording, video and picture below the two folders, sorted by path."""
    found = (path for folder in FOLDERS for path in sorted((data / folder).rglob("*")))
    return tuple(path for path in found if path.is_file() and path.suffix != ".md")


def section(data: Path, path: Path) -> str:
    """The part of the page about one file."""
    name = path.relative_to(data).as_posix()
    command = f"emogap look {name}" if " " not in name else f'emogap look "{name}"'
    return f"\n## {name}\n\n```console\n$ {command}\n{draw_file(look_at(path))}\n```\n"


def page(data: Path) -> str:
    """The whole page."""
    return HEAD + "".join(section(data, path) for path in real_files(data))


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1])), encoding="utf-8")
