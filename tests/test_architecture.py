"""The import table of docs/architecture.md, executed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "emogap"

FLOOR = {"errors", "shelf", "types", "files", "locks", "progress", "rows", "counted_nouns"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "shelf": {"errors"},
    "files": {"errors"},
    "locks": {"errors"},
    "progress": set(),
    "counted_nouns": set(),
    "rows": {"errors", "counted_nouns"},
    "types": {"errors"},
    "recording": FLOOR,
    "preprocessing": FLOOR,
    "scoring": FLOOR,
    "annotation": FLOOR | {"scoring"},
    "simulation": FLOOR | {"recording"},
    "datasets": FLOOR | {"recording", "preprocessing", "annotation"},
    "models": FLOOR,
    "learning": FLOOR | {"datasets", "models", "scoring"},
    "analysis": FLOOR | {"scoring"},
    "reporting": FLOOR | {"scoring"},
    "interfaces": FLOOR
    | {
        "recording",
        "preprocessing",
        "scoring",
        "annotation",
        "simulation",
        "datasets",
        "models",
        "learning",
        "analysis",
        "reporting",
    },
}

TORCH = {"torch", "lightning_fabric", "safetensors"}
TORCH_ROOMS = {"models", "learning"}


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def source_files() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


def imported_modules(path: Path) -> Iterator[str]:
    """Every module named by an import, type-only and nested ones included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            if node.module == "emogap":
                yield from (f"emogap.{name.name}" for name in node.names)


def rooms_imported(path: Path) -> set[str]:
    parts = (name.split(".") for name in imported_modules(path))
    return {part[1] for part in parts if part[0] == "emogap" and len(part) > 1 and part[1] != "__version__"}


def test_every_room_is_in_the_table() -> None:
    assert {room_of(path) for path in source_files()} <= set(MAY_IMPORT)


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_imports_only_what_the_table_permits(path: Path) -> None:
    room = room_of(path)
    assert rooms_imported(path) - {room} <= MAY_IMPORT[room]


def test_the_table_has_no_circle() -> None:
    remaining = {room: set(allowed) - {room} for room, allowed in MAY_IMPORT.items()}
    while remaining:
        leaves = {room for room, allowed in remaining.items() if not allowed & set(remaining)}
        assert leaves, f"a circle among {sorted(remaining)}"
        remaining = {room: allowed for room, allowed in remaining.items() if room not in leaves}


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_torch_begins_in_models(path: Path) -> None:
    used = {name.split(".")[0] for name in imported_modules(path)} & TORCH
    may = room_of(path) in TORCH_ROOMS or path.name in {"torch_networks.py", "torch_resnet.py", "health.py"}
    assert may or not used


@pytest.mark.parametrize(
    ("library", "adapter"), [("onnxruntime", "onnx_network.py"), ("transformers", "torch_resnet.py")]
)
def test_a_network_library_sits_behind_one_adapter(library: str, adapter: str) -> None:
    users = {path.name for path in source_files() if library in {n.split(".")[0] for n in imported_modules(path)}}
    assert users == {adapter}


def test_training_knows_nothing_of_evaluation() -> None:
    for path in (SOURCE / "learning" / "training").glob("*.py"):
        assert not any(name.startswith("emogap.learning.evaluation") for name in imported_modules(path))


@pytest.mark.parametrize(
    "room", ["recording", "preprocessing", "datasets", "scoring", "annotation", "simulation", "analysis"]
)
def test_importing_a_data_room_leaves_torch_unloaded(room: str) -> None:
    heavy = {"torch", "matplotlib.pyplot", "onnxruntime", "transformers", "sqlalchemy"}
    code = f"import emogap.{room}, sys; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_command_line_loads_nothing_heavy_for_its_help() -> None:
    code = (
        "import sys; from emogap.interfaces.cli import build_app; build_app();"
        "heavy = {'torch', 'numpy', 'polars', 'pymovements', 'cv2', 'scipy', 'sklearn', 'pydantic'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
