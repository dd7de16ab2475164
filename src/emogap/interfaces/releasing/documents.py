"""What stands around the clips of a release: README, citation, card, licences, flow, people, checksums."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from emogap import __version__
from emogap.datasets.study_quality import StudyQuality
from emogap.files import write_bytes
from emogap.interfaces.derived_folder import write_table
from emogap.interfaces.exporting.study import traits_of
from emogap.interfaces.paper.licence_matrix import licence_rows
from emogap.interfaces.paper.study_card import study_card
from emogap.interfaces.releasing.choice import Choice
from emogap.interfaces.releasing.flow import GAZE_STAGE
from emogap.interfaces.releasing.options import ReleaseOptions
from emogap.recording.bids.dataset import NOTICE
from emogap.recording.study import PARTICIPANT_COLUMNS, STIMULUS_COLUMNS, Study
from emogap.reporting.figures.exclusion_flow import exclusion_flow_figure
from emogap.reporting.licence_table import licence_markdown
from emogap.types.quality import FlowStage

__all__ = ["CHECKSUMS", "Contents", "doubts_of", "write_checksums", "write_documents"]

CHECKSUMS = "checksums.sha256"

CARD, LICENCES, FLOW, FLOW_FIGURE = "data_card.md", "licences.md", "flow.tsv", "flow.svg"
DOCUMENTS = (CARD, LICENCES, FLOW, FLOW_FIGURE, CHECKSUMS, "emogap-release.json")
"""Files at the root that BIDS does not know."""

LEVELS_IN_WORDS = {
    "session": "within the session",
    "lab": "within the lab",
    "controlled": "with those who sign an agreement (controlled sharing)",
    "public": "with everybody",
}

PLACES = {
    "emer": """\
| folder or file | holds |
|---|---|
| `face/set1` to `set5`/ID | aligned face frames, 112 x 112 px; sets are folds, each person is in one of them |
| `eye/ID.xlsx` | gaze of the clip, columns as of Tobii Pro Lab; times in microseconds from the onset |
| `fixation/ID.npz` | fixation maps (one for each frame of the stimulus), and the fixations they are drawn from |
| `er_label.xlsx` | what was felt: the participant's own answer |
| `new_label.xlsx` | what was shown: most votes and means of people who judged the face; models do not vote |
| `annotations/ratings.csv` | every rating by people and by models (`machine-*`), one row each |
| `participants.tsv`, `stimuli.tsv` | who took part, what was shown; films are not part of the release |
| `times.tsv` | first line of each spreadsheet from the onset of the stimulus, and the length of the clip |
| `release.toml` | what the labels are and how an ID is made; give it to `emogap build --release` |""",
    "bids": """\
| folder or file | holds |
|---|---|
| `sub-*` | gaze of the whole session, trials, answers and ratings |
| `derivatives/emogap-faces` | aligned face frames of each clip, 112 x 112 px |
| `derivatives/emogap-fixation-maps` | fixation maps of each clip, and the fixations they are drawn from |
| `derivatives/emogap-annotations` | every rating by people and by models (`machine-*`), one row each |""",
}

BLURRED = "\nThe faces in the face frames are blurred: how the face looked, only its labels say."

WITHOUT_GAZE = {"emer": "here without gaze", "bids": "not here at all"}

READ_AGAIN = {
    "emer": "emogap build . DATASET --catalogue emer --release release.toml",
    "bids": "emogap look sub-.../beh/sub-..._recording-eye1_physio.tsv.gz",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """How many people, clips, samples, face frames and fixation maps there are."""

    people: int
    clips: int
    clips_with_gaze: int
    clips_with_face: int
    clips_with_maps: int
    samples: int
    face_frames: int
    maps: int


def write_documents(
    root: Path,
    options: ReleaseOptions,
    quality: StudyQuality,
    studies: Sequence[Study],
    *,
    contents: Contents,
    stages: Sequence[FlowStage],
    doubts: Sequence[str],
) -> None:
    """Write everything but the clips and the checksums.

    Parameters
    ----------
    root : Path
        Of the release.
    options : ReleaseOptions
    quality : StudyQuality
        Of the permitted study: nobody else is in the card.
    studies : sequence of Study
        Permitted studies.
    contents : Contents
    stages : sequence of FlowStage
    doubts : sequence of str
    """
    write_bytes(root / CARD, study_card(quality).replace(f"{quality.study.path}/", "").encode())
    write_bytes(root / LICENCES, licence_markdown(licence_rows()).encode())
    columns = [field.name for field in fields(FlowStage)]
    write_table(root / FLOW, columns, [asdict(stage) for stage in stages])
    figure = exclusion_flow_figure(stages, title=f"{quality.study.name}: from the study to the release")
    write_bytes(root / FLOW_FIGURE, figure.encode())
    write_bytes(root / "CITATION.cff", _citation(options, quality.study).encode())
    readme = _readme(options, quality.study, contents, stages, doubts)
    if options.layout == "emer":
        _write_tables(root, studies)
        write_bytes(root / "README.md", f"{readme}\n## Notice\n\n{NOTICE}\n".encode())
    else:
        export = (root / "README.md").read_text(encoding="utf-8").split("\n## Release\n")[0].rstrip()
        release = readme.replace("## ", "### ").split("\n", 1)[1]
        write_bytes(root / "README.md", f"{export}\n\n## Release\n{release}".encode())
        ignored = "".join(f"{name}\n" for name in DOCUMENTS)
        write_bytes(root / ".bidsignore", f"code/\nsourcedata/\n{ignored}".encode())


def _write_tables(root: Path, studies: Sequence[Study]) -> None:
    people = [person for study in studies for person in study.participants]
    rows = [{"participant_id": person.participant_id, **traits_of(person)} for person in people]
    write_table(
        root / "participants.tsv", PARTICIPANT_COLUMNS, sorted(rows, key=lambda row: str(row["participant_id"]))
    )
    write_table(root / "stimuli.tsv", STIMULUS_COLUMNS, [asdict(stimulus) for stimulus in studies[0].stimuli])


def _readme(
    options: ReleaseOptions, study: Study, contents: Contents, stages: Sequence[FlowStage], doubts: Sequence[str]
) -> str:
    simulated = ["", "The people are simulated: nothing here was felt or shown by anybody."] if study.simulated else []
    first = stages[0]
    return "\n".join(
        [
            f"# {study.name}",
            *simulated,
            "",
            f"Released to be shared {LEVELS_IN_WORDS[options.level]}, by emogap {__version__}. Of each participant only"
            " those kinds of data are here (face, gaze, labels) for which the consent allows it. Intended use, as"
            f" stated by the study: {study.intended_use}.",
            "",
            f"{contents.people} of {first.people} people, {contents.clips} clips: {contents.clips_with_gaze} with gaze"
            f" ({contents.samples:,} samples), {contents.clips_with_maps} with fixation maps ({contents.maps:,}),"
            f" {contents.clips_with_face} with faces ({contents.face_frames:,} frames). `{FLOW}` tells how many people,"
            f" sessions and clips of the study fell at which stage; who fell at `{GAZE_STAGE}` is"
            f" {WITHOUT_GAZE[options.layout]}.",
            "",
            "## What is where",
            "",
            PLACES[options.layout],
            *((BLURRED,) if options.blur_faces else ()),
            "",
            f"`{CARD}`: what the data are, and what is not known of them. `{LICENCES}`: what they were made with."
            f" `sha256sum -c {CHECKSUMS}` tells whether every file is as it was released.",
            "",
            f"To read it again: `{READ_AGAIN[options.layout]}`.",
            "",
            "## Doubts",
            "",
            *(f"- {doubt}" for doubt in doubts),
            "- Whoever holds a copy must follow a withdrawal; `participants.tsv` names the last day if one is stated.",
            "",
        ]
    )


def _citation(options: ReleaseOptions, study: Study) -> str:
    """A CITATION.cff to be completed by hand; what is not known stands in capitals, or behind a #."""
    authors = options.authors or ("AUTHORS TO BE NAMED",)
    licence = f'license: "{_plain(options.license)}"' if options.license else "# license: TO BE NAMED"
    lines = [
        "cff-version: 1.2.0",
        "message: If you use these data, cite them as below. Words in capitals are to be completed first.",
        "type: dataset",
        f"title: {study.name}",
        "authors:",
        *(f'  - name: "{_plain(author)}"' for author in authors),
        licence,
        'version: "1.0.0"',
        "# doi: TO BE ADDED",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """The text without what would end a quoted one."""
    return text.replace("\\", " ").replace('"', "'")


def write_checksums(root: Path) -> Mapping[str, str]:
    """Write SHA-256 of every file, in the form that ``sha256sum -c`` reads; by path.

    Raises
    ------
    OutputError
        If the disk is full.
    """
    sums = dict(_sums(root))
    write_bytes(root / CHECKSUMS, "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode())
    return sums


def _sums(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(path for path in root.rglob("*") if path.is_file() and path != root / CHECKSUMS):
        with path.open("rb") as file:
            yield path.relative_to(root).as_posix(), hashlib.file_digest(file, "sha256").hexdigest()


def doubts_of(choice: Choice, contents: Contents, left_out: Sequence[str]) -> Iterator[str]:
    """What whoever uses the release should know of who may still withdraw and what is not here."""
    if contents.clips_with_gaze < contents.clips:
        yield (
            f"{contents.clips - contents.clips_with_gaze} of {contents.clips} clips are without gaze: a data set cannot"
            " hold them, a build lists them as not read, and the data card does not count them"
        )
    if contents.clips_with_face < contents.clips:
        yield f"{contents.clips - contents.clips_with_face} of {contents.clips} clips are without a face"
    still = [person for person in choice.permitted if person.may_withdraw_until is not None]
    if still:
        last = max(person.may_withdraw_until for person in still if person.may_withdraw_until is not None)
        yield f"{len(still)} of {len(choice.permitted)} people may still withdraw, the last until {last.isoformat()}"
    unstated = sum(not person.withdrawal_is_stated for person in choice.permitted)
    if unstated:
        yield f"for {unstated} of {len(choice.permitted)} people no day is stated until which they may withdraw"
    for name in dict.fromkeys(left_out):
        yield f"not released: {name}"
