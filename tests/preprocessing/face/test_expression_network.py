"""Networks read as their card says; truth from the README of the shared weights and from networks made by hand."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face import ENCODERS, Encoder, crop_face, to_emotion7
from emogap.preprocessing.face.detectors import DETECTORS
from emogap.preprocessing.face.encoders import emotieffnet_b0, fer_onnx
from emogap.preprocessing.face.expression_network import network_input, open_expression_network
from emogap.preprocessing.face.network_card import LAST_LAYER, NetworkCard, known_card, read_card
from emogap.preprocessing.face.weights import WEIGHTS_VARIABLE, known_weights
from tests.preprocessing.face.tiny_onnx import tiny_network

MINI = "fer2013_mini_xception"
CARD = NetworkCard(
    name="tiny",
    licence="none",
    source="made by hand",
    size_px=9,
    crop="box",
    colour="RGB",
    layout="NCHW",
    divide_by=255,
    mean=(0.5, 0.25, 0.0),
    sd=(0.5, 1.0, 2.0),
    output="scores",
    gives="logits",
    classes=("happiness", "contempt", "anger", "neutral"),
    embedding="mean",
)
MATRIX = np.array([[1.0, 0, 0, 2], [0, 3, 0, 1], [0, 0, 5, 1]])


def card(**change: object) -> NetworkCard:
    return NetworkCard.model_validate(CARD.model_dump() | change)


def one_colour(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((1, 9, 9, 3), (red, green, blue), np.uint8)


def faces_of(path: Path, shared_models: Path) -> tuple[np.ndarray, np.ndarray]:
    """Picture, and YuNet's boxes x, y, width, height at full size."""
    picture = cv2.imread(str(path))
    weights = str(shared_models / "face_detection_yunet_2023mar.onnx")
    height, width = picture.shape[:2]
    detector = cv2.FaceDetectorYN.create(weights, "", (width, height), 0.7)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), detector.detect(picture)[1][:, :4]


def squares(picture: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Square crops of 64 x 64, cubic: the way of cutting that gives the numbers in the README."""
    cut = []
    for x, y, width, height in boxes:
        side, middle_x, middle_y = max(width, height), x + width / 2, y + height / 2
        top, left = round(middle_y - side / 2), round(middle_x - side / 2)
        square = picture[max(0, top) : round(middle_y + side / 2), max(0, left) : round(middle_x + side / 2)]
        cut.append(cv2.resize(square, (64, 64), interpolation=cv2.INTER_CUBIC))
    return np.stack(cut)


@pytest.fixture
def mini(shared_models: Path) -> Encoder:
    return fer_onnx.open_encoder(shared_models / f"{MINI}.onnx")


def named(encoder: Encoder, pictures: np.ndarray) -> list[tuple[str, float]]:
    assert encoder.express is not None
    expressions = encoder.express(pictures)
    best = expressions.probability.argmax(axis=1)
    return [(expressions.classes[k], float(row[k])) for k, row in zip(best, expressions.probability, strict=True)]


def is_as_in_the_readme(found: list[tuple[str, float]]) -> bool:
    """multi_face.jpg: four of five happy with 0.99 or more, one neutral with 0.69."""
    happy = [probability for name, probability in found if name == "happiness"]
    neutral = [probability for name, probability in found if name == "neutral"]
    return len(happy) == 4 and round(min(happy), 2) >= 0.99 and [round(each, 2) for each in neutral] == [0.69]


def test_the_faces_of_the_readme_get_the_probabilities_of_the_readme(
    mini: Encoder, shared_data: Path, shared_models: Path
) -> None:
    ((expression, probability),) = named(mini, squares(*faces_of(shared_data / "video/single_face.jpg", shared_models)))
    assert (expression, round(probability, 2)) == ("happiness", 1.0)
    found = named(mini, squares(*faces_of(shared_data / "video/multi_face.jpg", shared_models)))
    assert is_as_in_the_readme(found), found


@pytest.mark.parametrize("wrong", [{"divide_by": 1.0}, {"mean": (0.0,), "sd": (1.0,)}])
def test_a_wrong_scaling_would_be_noticed(shared_data: Path, shared_models: Path, wrong: dict[str, object]) -> None:
    """Pixels from 0 to 255 make everybody angry; from 0 to 1, happiness falls to 0.97 and neutral is 0.72."""
    right = known_card(MINI)
    assert right is not None
    misread = NetworkCard.model_validate(right.model_dump() | wrong)
    encoder = open_expression_network(shared_models / f"{MINI}.onnx", misread)
    pictures = squares(*faces_of(shared_data / "video/multi_face.jpg", shared_models))
    assert not is_as_in_the_readme(named(encoder, pictures))


def test_our_own_road_finds_the_happy_faces_and_one_it_is_less_sure_of(
    mini: Encoder, shared_data: Path, shared_models: Path
) -> None:
    """YuNet on at most 640 px and crops by area: the smallest face tips over to happiness, but is the least sure."""
    detect = DETECTORS.open("yunet").open_detector(shared_models / "face_detection_yunet_2023mar.onnx")
    picture = cv2.cvtColor(cv2.imread(str(shared_data / "video/multi_face.jpg")), cv2.COLOR_BGR2RGB)
    crops = np.stack([crop_face(picture, face, mini.crop) for face in detect(picture)])
    probability = sorted(p for name, p in named(mini, crops) if name == "happiness")
    assert probability[-4] > 0.95
    assert probability[0] < 0.8 or len(probability) == 4


def test_the_card_of_the_shared_network_has_its_classes_in_the_order_of_its_readme() -> None:
    known = known_card(MINI)
    assert known is not None
    assert known.classes == ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


def test_features_are_the_layer_before_the_classes(mini: Encoder) -> None:
    features = mini.encode(np.random.default_rng(1).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8))
    assert features.shape == (3, 128)
    assert mini.channels[5] == "fer2013_mini_xception_5"


def test_a_network_made_by_hand_gives_what_paper_and_pencil_give(tmp_path: Path) -> None:
    """Red 255, green 0, blue 51: inputs 1, -0.25, 0.1; scores 1, -0.75, 0.5, 1.85; softmax by hand."""
    encoder = open_expression_network(tiny_network(tmp_path / "tiny.onnx", MATRIX), CARD)
    pictures = np.concatenate([one_colour(255, 0, 51), one_colour(127, 63, 9)])
    assert encoder.encode(pictures)[0] == pytest.approx([1, -0.25, 0.1], abs=1e-6)
    assert encoder.express is not None
    expressions = encoder.express(pictures)
    weights = np.exp([1, -0.75, 0.5, 1.85])
    assert expressions.probability[0] == pytest.approx(weights / weights.sum(), abs=1e-6)
    assert expressions.classes == CARD.classes
    assert encoder.channels == ("tiny_0", "tiny_1", "tiny_2")


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("colour", ["RGB", "BGR"])
def test_layout_and_colour_are_as_the_card_says(tmp_path: Path, layout: str, colour: str) -> None:
    path = tiny_network(tmp_path / "tiny.onnx", MATRIX, layout=layout)
    encoder = open_expression_network(path, card(layout=layout, colour=colour, mean=(0, 0, 0), sd=(1, 1, 1)))
    expected = [0.2, 0.4, 0.8] if colour == "RGB" else [0.8, 0.4, 0.2]
    assert encoder.encode(one_colour(51, 102, 204))[0] == pytest.approx(expected, abs=1e-6)


def test_grey_is_the_luma_of_the_colours() -> None:
    grey = network_input(one_colour(200, 100, 50), card(colour="grey", mean=(0,), sd=(1,)))
    assert grey.shape == (1, 1, 9, 9)
    assert 255 * grey[0, 0, 4, 4] == pytest.approx(0.299 * 200 + 0.587 * 100 + 0.114 * 50, abs=0.6)


def test_the_last_layer_is_found_without_its_name(tmp_path: Path) -> None:
    path = tiny_network(tmp_path / "tiny.onnx", MATRIX)
    encoder = open_expression_network(path, card(embedding=LAST_LAYER))
    assert encoder.encode(one_colour(255, 0, 51))[0] == pytest.approx([1, -0.25, 0.1], abs=1e-6)


def test_without_an_embedding_the_probabilities_are_the_features(tmp_path: Path) -> None:
    encoder = open_expression_network(tiny_network(tmp_path / "tiny.onnx", MATRIX), card(embedding=None))
    assert encoder.channels == ("tiny_happiness", "tiny_contempt", "tiny_anger", "tiny_neutral")
    assert encoder.encode(one_colour(9, 9, 9)).sum() == pytest.approx(1)


def test_columns_after_the_classes_do_not_count(tmp_path: Path) -> None:
    path = tiny_network(tmp_path / "tiny.onnx", MATRIX)
    encoder = open_expression_network(path, card(classes=("happiness", "contempt"), also=("valence", "arousal")))
    assert encoder.express is not None
    assert encoder.express(one_colour(255, 0, 51)).probability.shape == (1, 2)


def test_columns_after_the_classes_are_kept_as_they_came_out_also_in_emotion7(tmp_path: Path) -> None:
    """Three colours in, contempt, the seven and two more out: the last two are twice red, and green less blue."""
    matrix = np.zeros((3, 10))
    matrix[0, 8], matrix[1, 9], matrix[2, 9] = 2, 1, -1
    eight = ("contempt", "anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
    described = card(classes=eight, also=("valence", "arousal"), mean=(0, 0, 0), sd=(1, 1, 1))
    encoder = open_expression_network(tiny_network(tmp_path / "tiny.onnx", matrix), described)
    assert encoder.express is not None
    pictures = np.concatenate([one_colour(255, 51, 0), one_colour(0, 51, 255)])
    for expressions in (found := encoder.express(pictures), to_emotion7(found)):
        assert list(expressions.also) == ["valence", "arousal"]
        np.testing.assert_allclose(expressions.also["valence"], [2, 0], atol=1e-6)
        np.testing.assert_allclose(expressions.also["arousal"], [0.2, -0.8], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"size_px": 16}, r"says an input of \(3, 16, 16\).*the file takes \(3, 9, 9\)"),
        ({"colour": "grey", "mean": (0,), "sd": (1,)}, r"an input of \(1, 9, 9\)"),
        ({"layout": "NHWC"}, r"an input of \(9, 9, 3\)"),
        ({"classes": ("happiness", "anger")}, r"names 2 columns, the file gives \(4,\)"),
        ({"output": "score"}, "names the output 'score', the file has scores"),
        ({"embedding": "meen"}, "cannot use the tensor 'meen'"),
        ({"gives": "probabilities"}, "says probabilities, the file gives values"),
        ({"sha256": "0" * 64}, "not the one that its card was added with"),
    ],
)
def test_a_card_of_another_network_is_refused(tmp_path: Path, change: dict[str, object], told: str) -> None:
    path = tiny_network(tmp_path / "tiny.onnx", MATRIX)
    with pytest.raises(DataError, match=f"(?s){told}"):
        encoder = open_expression_network(path, card(**change))
        assert encoder.express is not None
        encoder.express(one_colour(255, 0, 51))


@given(share=st.floats(0, 1, exclude_max=True), embedding=st.sampled_from(["mean", LAST_LAYER, None]))
@settings(max_examples=40)
def test_a_file_cut_at_any_byte_is_refused(
    tmp_path_factory: pytest.TempPathFactory, share: float, embedding: str | None
) -> None:
    path = tmp_path_factory.mktemp("cut") / "tiny.onnx"
    content = tiny_network(path, MATRIX).read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=r"tiny\.onnx"):
        open_expression_network(path, card(embedding=embedding))


@given(content=st.binary(max_size=300))
@settings(max_examples=60)
def test_any_other_bytes_are_no_network(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "tiny.onnx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"tiny\.onnx"):
        open_expression_network(path, card(embedding=LAST_LAYER))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('classes = ["happy", "anger"]', "'happy' is no class of emogap"),
        ("sd = [0.5, 0.0, 1.0]", "sd must be positive"),
        ("mean = [0.5]", "mean has 1 values, colour RGB has 3 channels"),
        ('colours = "RGB"', "colours: Extra inputs"),
        ("size_px = 0", "size_px: Input should be greater"),
        ("size_px = ", "not a card"),
    ],
)
def test_a_card_at_fault_names_the_field(tmp_path: Path, line: str, told: str) -> None:
    right = Path(fer_onnx.__file__).parents[1] / "cards" / "emotieffnet_b0.toml"
    key = line.split(" =")[0]
    lines = [line if each.startswith(key + " =") else each for each in right.read_text().splitlines()]
    if line not in lines:
        lines.append(line)
    (tmp_path / "card.toml").write_text("\n".join(lines))
    with pytest.raises(DataError, match=rf"card\.toml: {told}"):
        read_card(tmp_path / "card.toml")


def test_a_network_of_ones_own_brings_its_card_beside_it(tmp_path: Path) -> None:
    path = tiny_network(tmp_path / "tiny.onnx", MATRIX)
    with pytest.raises(UsageError, match=r"write tiny\.toml beside it"):
        fer_onnx.open_encoder(path)
    lines = [f"{key} = {_toml(value)}" for key, value in CARD.model_dump().items() if value not in (None, ())]
    path.with_suffix(".toml").write_text("\n".join(lines))
    assert fer_onnx.open_encoder(path).dimension == 3


def _toml(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else repr(value)


def test_a_detectors_weights_are_no_expression_network(shared_models: Path) -> None:
    with pytest.raises(DataError, match="these are the weights 'yunet'"):
        fer_onnx.open_encoder(shared_models / "face_detection_yunet_2023mar.onnx")


def test_another_card_is_another_encoder(tmp_path: Path) -> None:
    path = tiny_network(tmp_path / "tiny.onnx", MATRIX)
    one, other = (open_expression_network(path, card(divide_by=divisor)) for divisor in (255, 1))
    assert one.weights_sha256 != other.weights_sha256


def test_without_files_the_encoders_say_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    with pytest.raises(UsageError, match=r"emogap weights add fer2013_mini_xception\.onnx"):
        fer_onnx.open_encoder()
    with pytest.raises(UsageError, match="emogap weights fetch emotieffnet_b0"):
        emotieffnet_b0.open_encoder()
    with pytest.raises(UsageError, match="no such file"):
        fer_onnx.open_encoder(tmp_path / "gone.onnx")


def test_another_file_is_not_taken_for_emotieffnet(tmp_path: Path) -> None:
    path = tiny_network(tmp_path / "enet_b0_8_best_afew.onnx", np.ones((3, 8)), side_px=224)
    with pytest.raises(DataError, match="d87faf71e8756d68c701ffd88b4cde4be460f57d"):
        emotieffnet_b0.open_encoder(path)


@pytest.mark.parametrize("name", [name for name in known_weights() if known_card(name) is not None])
def test_every_card_in_the_package_runs_on_a_network_of_its_shape(name: str, tmp_path: Path) -> None:
    """The official files could not be had; a network of the same inputs and outputs shows that the card is sound."""
    known = known_card(name)
    assert known is not None
    assert known.name == name
    columns = len(known.classes) + len(known.also)
    path = tmp_path / known_weights()[name].file
    tiny_network(path, np.eye(len(known.mean), columns), side_px=known.size_px, softmax=known.gives == "probabilities")
    renamed = NetworkCard.model_validate(known.model_dump() | {"output": "scores", "embedding": "mean"})
    encoder = open_expression_network(path, renamed)
    assert encoder.express is not None
    seven = to_emotion7(encoder.express(np.full((2, known.size_px, known.size_px, 3), 90, np.uint8)))
    np.testing.assert_allclose(seven.probability.sum(axis=1), 1)


def test_emotieffnet_is_read_with_the_scaling_of_its_library() -> None:
    """RGB / 255, less 0.485 0.456 0.406, by 0.229 0.224 0.225, on 224 x 224; eight classes in alphabetical order."""
    known = known_card("emotieffnet_b0")
    assert known is not None
    picture = np.full((1, 224, 224, 3), (255, 0, 51), np.uint8)
    expected = [(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225]
    assert network_input(picture, known)[0, :, 7, 9] == pytest.approx(expected, abs=1e-5)
    assert list(known.classes) == sorted(known.classes)
    assert len(known.classes) == 8


def test_opening_the_shelf_loads_no_network_library() -> None:
    assert set(ENCODERS) >= {"hog", "resnet18", "fer_onnx", "emotieffnet_b0"}
