"""The quality gate in a build: what a session was cut into, without the clips that the gate does not let through."""

from emogap.datasets.clip_quality import measure_clip
from emogap.datasets.cutting import excluded
from emogap.datasets.plan import BuildConfig, Clip, Cut
from emogap.datasets.quality_gate import GATE_STAGE, QualityGate, gate_clips
from emogap.errors import UsageError
from emogap.preprocessing.accuracy import validated_accuracy_deg
from emogap.types import Recording, StimulusInterval
from emogap.types.quality import ClipQuality

__all__ = ["gated_cut", "require_gate_applies"]


def gated_cut(cut: Cut, recording: Recording, gate: QualityGate) -> Cut:
    """The clips that pass, and the others left out at the stage ``quality gate`` with the rule they failed.

    Parameters
    ----------
    cut : Cut
        All clips of one person.
    recording : Recording
        That they were cut from, as read: the gate judges what was recorded, not what cleaning made of it. The labels
        of the clips are not looked at.
    gate : QualityGate
    """
    accuracy_deg = validated_accuracy_deg(recording)
    verdicts = gate_clips(gate, [_measured(clip, recording, accuracy_deg) for clip in cut.clips])
    judged = list(zip(cut.clips, verdicts, strict=True))
    fallen = tuple(
        excluded(clip.key, GATE_STAGE, f"{verdict[0]}: {verdict[1]}") for clip, verdict in judged if verdict is not None
    )
    return Cut(tuple(clip for clip, verdict in judged if verdict is None), (*cut.left_out, *fallen))


def _measured(clip: Clip, recording: Recording, accuracy_deg: float | None) -> ClipQuality:
    key, share = clip.key, clip.quality.get("face_found_share")
    interval = StimulusInterval(key.stimulus_id, key.start_s, key.stop_s)
    face_found_share = share if isinstance(share, float) else None
    return measure_clip(recording, interval, accuracy_deg=accuracy_deg, face_found_share=face_found_share)


def require_gate_applies(config: BuildConfig) -> None:
    """Raise unless the gate of a build, if any, can be applied to its source.

    Raises
    ------
    UsageError
        If a gate is asked for and the source is no study.
    """
    if config.gate and config.catalogue != "study":
        raise UsageError(
            f"the quality gate judges the sessions of a study, and the source is '{config.catalogue}'",
            fix="leave out --gate: these data were cleaned and published by others",
        )
