"""What ``emogap models`` tells of a model: its size, its options, its own recipe."""

import inspect
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emogap.errors import EmogapError, UsageError
from emogap.models.interface import GradientModel, count_parameters, stage_parameters
from emogap.models.recipe import Recipe
from emogap.models.zoo import ZOO, default_config, native_recipe, new_model, streams_instead
from emogap.types import LabelView, TaskSpec

__all__ = ["EMER_STREAMS", "ModelCard", "card_of", "cards", "streams_from_words", "streams_of_dataset"]

EMER_STREAMS: Mapping[str, tuple[int, ...]] = {"face": (8, 512), "eye": (32, 39), "fixation": (32, 2)}
"""Steps and channels of EMER's streams: ResNet-18 features of 8 frames, 39 eye columns, the gaze point."""

FRAMES = (8, 3, 112, 112)
"""Frames of a data set built with --frames: steps, colours, height, width."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model at one size.

    Attributes
    ----------
    name, description : str
    about : str
        The docstring of its file: idea, source, what is adapted.
    streams : mapping from str to tuple of int
        What it was counted for: steps and channels, or frames.
    parameters : int or None
        Trainable numbers; 0 for a closed form, None if it does not take the streams.
    parts : mapping from str to int
        The same by the first word of their names.
    stages : mapping from str to int
        Trainable numbers by stage of the training; empty for a closed form.
    options : mapping from str to (default, description)
    recipe : mapping from str to JSON value
        How its authors optimise it, where that is not the protocol's way.
    problem : str
        Why it does not take the streams; empty if it does.
    """

    name: str
    description: str
    about: str
    streams: Mapping[str, tuple[int, ...]]
    parameters: int | None
    parts: Mapping[str, int]
    stages: Mapping[str, int]
    options: Mapping[str, tuple[str, str]]
    recipe: Mapping[str, Any]
    problem: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def cards(streams: Mapping[str, tuple[int, ...]] | None = None, *, space: str = "emotion7") -> tuple[ModelCard, ...]:
    """A card of every model on the shelf, by name."""
    return tuple(card_of(name, streams, space=space) for name in ZOO.names())


def card_of(name: str, streams: Mapping[str, tuple[int, ...]] | None = None, *, space: str = "emotion7") -> ModelCard:
    """The card of one model with its default options and two heads, felt and shown.

    Parameters
    ----------
    name : str
        Name on the shelf.
    streams : mapping from str to tuple of int, optional
        Shapes per clip; those of EMER if None. A model that reads frames in place of a stream is counted with the
        shape of ``frames``, which the others leave out; without it the card says that they are not there.
    space : str
        Label space of both heads.

    Raises
    ------
    UnknownNameError
        If there is no such model, or no such label space.
    """
    entry = ZOO.open(name)
    given = {**EMER_STREAMS, "frames": FRAMES} if streams is None else streams
    instead = streams_instead(name)
    read = {stream: instead.get(stream, stream) for stream in given if stream != "frames"} or {"frames": "frames"}
    shapes = {other: given[other] for other in read.values() if other in given}
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), space, shapes)
    model, problem = None, ""
    if absent := [f"{other} in place of {stream}" for stream, other in read.items() if other not in given]:
        problem = f"it reads {', '.join(absent)}, which is not there"
    else:
        try:
            model = new_model(name, task)
        except EmogapError as error:
            problem = error.what
    by_part = Counter[str]()
    for parameter, value in model.named_parameters() if model else ():
        by_part[parameter.split(".")[0]] += value.numel()
    stages = model.stages() if isinstance(model, GradientModel) else ()
    protocol, native = Recipe().model_dump(mode="json"), native_recipe(name).model_dump(mode="json")
    return ModelCard(
        name=name,
        description=entry.Model.description,
        about=inspect.getdoc(entry) or "",
        streams=shapes,
        parameters=count_parameters(model) if model else None,
        parts=dict(by_part),
        stages={
            stage.name: sum(value.numel() for value in stage_parameters(model, stage).values())
            for stage in stages
            if isinstance(model, GradientModel)
        },
        options={
            option: (str(getattr(default_config(name), option)), field.description or "")
            for option, field in entry.Config.model_fields.items()
        },
        recipe={option: value for option, value in native.items() if value != protocol[option]},
        problem=problem,
    )


def streams_of_dataset(dataset: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the streams of a data set, as its models are given them, and of its frames if it has them.

    Raises
    ------
    DataError
        If there is no data set in the folder.
    """
    from emogap.datasets import open_dataset
    from emogap.learning.inputs import stream_shapes

    opened = open_dataset(dataset)
    return stream_shapes(opened) | stream_shapes(opened, [name for name in opened.streams if name == "frames"])


def streams_from_words(words: str) -> dict[str, tuple[int, ...]]:
    """Shapes from words such as ``face=8x512,eye=32x20``; of frames, colours, height and width follow the steps.

    Raises
    ------
    UsageError
        If a word is not of that form.

    Examples
    --------
    >>> streams_from_words("text=50x768, audio=400x33")
    {'text': (50, 768), 'audio': (400, 33)}
    >>> streams_from_words("face=8x512,frames=8x3x112x112")
    {'face': (8, 512), 'frames': (8, 3, 112, 112)}
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for word in words.split(","):
        name, _, size = word.strip().partition("=")
        numbers = size.split("x")
        is_shape = len(numbers) == (4 if name == "frames" else 2) and all(number.isdecimal() for number in numbers)
        if not (name and is_shape and all(int(number) for number in numbers)):
            fix = "give NAME=STEPSxCHANNELS, such as eye=32x20, and frames=STEPSx3xHEIGHTxWIDTH"
            raise UsageError(f"--streams cannot be '{word.strip()}'", fix=fix)
        shapes[name] = tuple(int(number) for number in numbers)
    return shapes
