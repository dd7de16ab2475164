"""The sum of a video's faces: how often, from when to when, how many, in which light."""

from dataclasses import dataclass, field
from typing import Any

from emogap.counted_nouns import counted
from emogap.interfaces.face_table import Row
from emogap.preprocessing.face.tracking import FrameFaces, TrackedFace

__all__ = ["FaceSummary"]

DIM, BRIGHT, MANY = 0.15, 0.85, 0.05
"""A mean luminance of the face below or above, or a share of black or burnt-out pixels above this, is a doubt."""


@dataclass
class _Seen:
    """One face, by its number."""

    first_s: float
    last_s: float
    num_frames: int = 0


@dataclass
class FaceSummary:
    """Counts that grow frame by frame; memory grows with the number of faces and of comings and goings only."""

    num_frames: int = 0
    num_with_face: int = 0
    num_with_chosen: int = 0
    num_followed: int = 0
    num_with_several: int = 0
    faces: dict[int, _Seen] = field(default_factory=dict)
    spans: list[dict[str, float | int]] = field(default_factory=list)
    chosen_numbers: list[int] = field(default_factory=list)
    sums: dict[str, tuple[float, int]] = field(default_factory=dict)
    _last_place: int = -2

    def add(self, place: int, seen: FrameFaces, chosen: TrackedFace | None, rows: list[Row]) -> None:
        """Count the frame number `place`."""
        self.num_frames += 1
        self.num_with_face += bool(seen.faces)
        self.num_with_several += len(seen.faces) > 1
        for tracked in seen.faces:
            face = self.faces.setdefault(tracked.number, _Seen(seen.time_s, seen.time_s))
            face.last_s, face.num_frames = seen.time_s, face.num_frames + 1
        if chosen is not None:
            self._add_chosen(place, seen.time_s, chosen)
        for row in rows:
            if row["is_chosen"]:
                self._add_values(row)

    def _add_chosen(self, place: int, time_s: float, chosen: TrackedFace) -> None:
        self.num_with_chosen += 1
        self.num_followed += not chosen.is_detected
        if self._last_place != place - 1:
            self.spans.append({"from_frame": place, "from_s": round(time_s, 6)})
        self.spans[-1] |= {"to_frame": place, "to_s": round(time_s, 6)}
        self._last_place = place
        if chosen.number not in self.chosen_numbers:
            self.chosen_numbers.append(chosen.number)

    def _add_values(self, row: Row) -> None:
        for name, value in row.items():
            is_mean = name.endswith(("_luminance", "_share")) or name.startswith("expression_")
            if is_mean and isinstance(value, float):
                total, count = self.sums.get(name, (0.0, 0))
                self.sums[name] = total + value, count + 1

    def as_dict(self) -> dict[str, Any]:
        """The sum, with shares of all frames."""
        num_frames = max(self.num_frames, 1)
        means = {f"mean_{name}": round(total / count, 4) for name, (total, count) in self.sums.items()}
        return {
            "num_frames": self.num_frames,
            "num_frames_with_face": self.num_with_face,
            "share_with_face": round(self.num_with_face / num_frames, 4),
            "share_with_chosen_face": round(self.num_with_chosen / num_frames, 4),
            "share_followed": round(self.num_followed / num_frames, 4),
            "share_with_several_faces": round(self.num_with_several / num_frames, 4),
            "num_faces": len(self.faces),
            "faces": [
                {
                    "face": number,
                    "first_s": round(face.first_s, 6),
                    "last_s": round(face.last_s, 6),
                    "num_frames": face.num_frames,
                }
                for number, face in self.faces.items()
            ],
            "chosen_face_spans": self.spans,
            **means,
            "doubts": self._doubts(means),
        }

    def _doubts(self, means: dict[str, float]) -> list[str]:
        doubts = []
        if not self.num_with_face:
            return ["no face in any frame"]
        if not self.num_with_chosen:
            doubts.append("the chosen face is in no frame")
        elif len(self.spans) > 1:
            doubts.append(f"the chosen face is away {len(self.spans) - 1} times between its first and its last frame")
        if self.num_with_several:
            doubts.append(f"several faces in {self.num_with_several} of {counted(self.num_frames, 'frame')}")
        if len(self.chosen_numbers) > 1:
            numbers = ", ".join(map(str, self.chosen_numbers[:8]))
            doubts.append(f"the chosen face changes ({numbers}): perhaps another person")
        luminance = means.get("mean_face_luminance", 0.5)
        if not DIM <= luminance <= BRIGHT:
            doubts.append(f"the face is {'dark' if luminance < DIM else 'very bright'}: mean luminance {luminance:.2f}")
        for part, word in (("overexposed", "burnt out"), ("underexposed", "black")):
            share = means.get(f"mean_face_{part}_share", 0.0)
            if share > MANY:
                doubts.append(f"{share:.0%} of the face is {word}")
        return doubts
