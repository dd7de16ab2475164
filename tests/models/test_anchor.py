"""The anchor is the face, unless there is none or another one is named."""

from collections.abc import Callable

import pytest

from emogap.errors import UnknownNameError
from emogap.models.anchor import anchor_of
from emogap.types import TaskSpec

MakeTask = Callable[..., TaskSpec]


def test_the_face_comes_first_wherever_it_stands(make_task: MakeTask) -> None:
    assert anchor_of(make_task({"eye": (7, 4), "face": (3, 5)}), None) == "face"
    assert anchor_of(make_task({"eye": (7, 4), "fixation": (6, 2)}), None) == "eye"
    assert anchor_of(make_task({"eye": (7, 4), "face": (3, 5)}), "eye") == "eye"


def test_an_anchor_that_is_no_stream_is_refused_by_name(make_task: MakeTask) -> None:
    with pytest.raises(UnknownNameError, match="txet"):
        anchor_of(make_task({"text": (7, 4), "audio": (3, 5)}), "txet")
