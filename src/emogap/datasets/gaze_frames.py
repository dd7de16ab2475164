"""The stream ``gaze``: the raw gaze of a clip frame by frame, as an index of gaze holds it.

What a network learned on the windows of an index can then read the clips of a data set: the same rate, channels and
frames, computed by the same function. Nothing is cleaned, and a clip has as many frames as it lasts; in the data set
shorter clips are padded with a False mask.
"""

from collections.abc import Mapping

from emogap.datasets.gaze_index.config import CHANNELS, ChannelSet, IndexConfig
from emogap.datasets.gaze_index.frames import to_frames
from emogap.datasets.plan import BuildConfig
from emogap.datasets.samples import SampledStream
from emogap.errors import UsageError
from emogap.types import Recording

__all__ = ["GAZE", "gaze_streams", "settle_gaze"]

GAZE = "gaze"
"""Name of the stream."""


def settle_gaze(config: BuildConfig, natural: ChannelSet | None) -> BuildConfig:
    """The options with the channels of the stream ``gaze`` by name; unchanged without such a stream.

    Parameters
    ----------
    config : BuildConfig
    natural : ChannelSet or None
        What ``auto`` stands for in this source; None if it holds no gaze frames.

    Raises
    ------
    UsageError
        If the stream is asked for and the source has no gaze frames.
    """
    if not config.gaze_rate:
        return config
    if natural is None:
        raise UsageError(
            f"a source of the kind {config.catalogue} holds no gaze samples to give frame by frame",
            fix="leave out --gaze-rate",
        )
    if config.gaze_channels != "auto":
        return config
    return config.model_copy(update={"gaze_channels": natural})


def gaze_streams(trimmed: Recording, config: BuildConfig) -> Mapping[str, SampledStream]:
    """The stream ``gaze`` of one clip under its name; empty if none is asked for.

    Parameters
    ----------
    trimmed : Recording
        The clip as it was recorded, before cleaning.
    config : BuildConfig
        As :func:`settle_gaze` gives it.

    Returns
    -------
    mapping from "gaze" to SampledStream
        float32, shape (frames of this clip, D); NaN and masked out where :func:`~.gaze_index.frames.to_frames` finds
        no valid gaze.

    Raises
    ------
    DataError
        If the recording lacks what the channels need.
    UsageError
        If gaze cannot be given in degrees.
    """
    if not config.gaze_rate:
        return {}
    assert config.gaze_channels != "auto"
    index = IndexConfig.model_validate({"rate_hz": config.gaze_rate})
    frames = to_frames(trimmed, config.gaze_channels, index)
    return {GAZE: SampledStream(frames.values, frames.valid, CHANNELS[config.gaze_channels])}
