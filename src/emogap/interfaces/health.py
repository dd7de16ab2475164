"""What works on this machine, found by trying it."""

import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from emogap import __version__

__all__ = ["Check", "check_machine"]

NEEDED = ("numpy", "polars", "pymovements", "scikit-learn", "opencv-python-headless", "av")
EXTRAS = {"torch": "learn", "lightning-fabric": "learn", "safetensors": "learn", "tensorboard": "tensorboard"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that works or does not, and what to do about it."""

    name: str
    works: bool
    found: str
    needed: bool = True
    fix: str | None = None

    def as_dict(self) -> dict[str, object]:
        """The check as plain values."""
        return asdict(self)


def check_machine() -> list[Check]:
    """Try everything emogap can use on this machine."""
    checks = [
        Check("emogap", True, __version__),
        Check("Python", sys.version_info >= (3, 11), platform.python_version()),
    ]
    checks += [_package(name, needed=True, fix="pip install emogap") for name in NEEDED]
    checks += [_package(name, needed=False, fix=f'pip install "emogap[{extra}]"') for name, extra in EXTRAS.items()]
    checks += [_video(), _haar(), _accelerator()]
    free_gb = shutil.disk_usage(os.curdir).free / 1e9
    checks.append(
        Check("free disk space", free_gb > 1, f"{free_gb:.0f} GB here", fix=None if free_gb > 1 else "make room")
    )
    return checks


def _package(name: str, *, needed: bool, fix: str) -> Check:
    try:
        return Check(name, True, version(name), needed)
    except PackageNotFoundError:
        return Check(name, False, "not installed", needed, fix)


def _video() -> Check:
    import av

    codecs = [name for name in ("h264", "hevc", "vp9") if name in av.codecs_available]
    return Check(
        "video decoding", "h264" in codecs, ", ".join(codecs) or "none", fix=None if codecs else "reinstall av"
    )


def _haar() -> Check:
    import cv2

    path = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
    found = not cv2.CascadeClassifier(str(path)).empty()
    return Check("face detection (Haar)", found, f"OpenCV {cv2.__version__}", fix=None if found else "OpenCV below 5")


def _accelerator() -> Check:
    try:
        import torch
    except ModuleNotFoundError:
        return Check("training", False, "no torch", needed=False, fix='pip install "emogap[learn]"')
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    return Check("training", True, device, needed=False)
