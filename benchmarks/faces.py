"""Faces in real videos: frames per second, memory over length, and whether two detectors agree.

``python -m benchmarks.faces [FOLDER OF VIDEOS] [FOLDER OF WEIGHTS]``. Decode, detect and follow (YuNet on every third
frame, or on each), align and embed (HOG), against the video's real time; goal 4 times real time at 640 x 360 on two
cores. A video looped to 10 minutes is written by PyAV into a temporary folder; its peak memory against the original's
should be within a tenth. When a face comes and goes is compared with what was seen by eye.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from time import perf_counter, process_time

import av
import numpy as np

from emogap.preprocessing.face import DETECTORS, ENCODERS, Detection, crop_face
from emogap.preprocessing.face.tracking import follow_faces, overlap
from emogap.progress import track
from emogap.recording.video import frame_times, probe_video, read_frames

SHARED = Path(__file__).parents[2] / "shared"
YUNET = "face_detection_yunet_2023mar.onnx"

FACES_SEEN = {
    "single_face.mp4": [(0, 71)],
    "WolfgangLanger_Pexels.mp4": [(0, 471)],
    "no_face.mp4": [],
    "face_noface.mov": [(0, 71)],
    "noface_face.mov": [(96, 167)],
}
"""First and last frame with a face, by eye."""

GOAL_REAL_TIME, GOAL_MEMORY, GOAL_OVERLAP, GOAL_AGREEING = 4.0, 1.1, 0.6, 0.95
LOOP_S = 600


def run_through(video: Path, weights: Path, every: int) -> dict[str, float]:
    """Decode, detect, follow, align and embed each frame; nothing is kept."""
    encoder = ENCODERS.open("hog").open_encoder()
    # Once beforehand, so that opening the network is not timed.
    next(follow_faces(read_frames(video), detector="yunet", weights=weights / YUNET))
    wall, processor, num_frames = perf_counter(), process_time(), 0
    for seen in follow_faces(read_frames(video), detector="yunet", weights=weights / YUNET, every=every):
        num_frames += 1
        if seen.faces:
            encoder.encode(crop_face(seen.frame, seen.faces[0].face, encoder.crop)[None])
    return {
        "frames": num_frames,
        "wall_s": perf_counter() - wall,
        "processor_s": process_time() - processor,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def in_own_process(video: Path, weights: Path, every: int) -> dict[str, float]:
    """The same in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, "-m", "benchmarks.faces", "--one", str(video), str(weights), str(every)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def loop(video: Path, path: Path, length_s: float) -> None:
    """Copy the packets of `video` again and again, without decoding, until `length_s` is reached."""
    period_s = probe_video(video).duration_s
    with av.open(str(path), "w") as out:
        stream = None
        for turn in range(int(np.ceil(length_s / period_s))):
            with av.open(str(video)) as source:
                template = source.streams.video[0]
                if stream is None:
                    stream = out.add_stream_from_template(template)
                shift = round(turn * Fraction(period_s).limit_denominator(10**6) / template.time_base)
                for packet in source.demux(template):
                    if packet.size:
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = stream
                        out.mux(packet)


def spans_of(present: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last frame of each run of frames with a face."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.array(present, bool), [False]]).astype(int)))
    return [(int(start), int(stop) - 1) for start, stop in edges.reshape(-1, 2)]


def compare_detectors(video: Path, weights: Path) -> dict[str, list[tuple[Detection, ...]]]:
    """What YuNet and MTCNN see in every frame."""
    detectors = {
        "yunet": DETECTORS.open("yunet").open_detector(weights / YUNET),
        "mtcnn": DETECTORS.open("mtcnn").open_detector(weights),
    }
    found: dict[str, list[tuple[Detection, ...]]] = {name: [] for name in detectors}
    for _, frame in track(read_frames(video), video.name, total=len(frame_times(video))):
        for name, detect in detectors.items():
            found[name].append(detect(frame))
    return found


def print_speed(folder: Path, weights: Path) -> None:
    print("| video | size | rate Hz | every | frames/s | times real time | processor ms/frame |")
    print("|---|---|---|---|---|---|---|")
    for name in ("single_face.mp4", "WolfgangLanger_Pexels.mp4", "face_noface.mov"):
        info = probe_video(folder / name)
        width, height = info.size_px
        for every in (1, 3):
            found = in_own_process(folder / name, weights, every)
            ratio = info.duration_s / found["wall_s"]
            goal = ""
            if (width, height) == (640, 360) and every == 3:
                goal = f" (goal {GOAL_REAL_TIME:g} {'reached' if ratio >= GOAL_REAL_TIME else 'MISSED'})"
            print(
                f"| {name} | {width} x {height} | {info.num_frames / info.duration_s:.1f} | {every} |"
                f" {found['frames'] / found['wall_s']:.0f} | {ratio:.1f}{goal} |"
                f" {1000 * found['processor_s'] / found['frames']:.1f} |",
                flush=True,
            )


def print_memory(folder: Path, weights: Path) -> None:
    video = folder / "single_face.mp4"
    with tempfile.TemporaryDirectory() as temporary:
        looped = Path(temporary) / "looped.mp4"
        loop(video, looped, LOOP_S)
        info = probe_video(looped)
        short, long = in_own_process(video, weights, 3), in_own_process(looped, weights, 3)
    ratio = long["peak_mib"] / short["peak_mib"]
    assert long["frames"] == info.num_frames
    print(
        f"peak memory: {short['peak_mib']:.0f} MiB for {short['frames']:.0f} frames, {long['peak_mib']:.0f} MiB for"
        f" {long['frames']:.0f} ({info.duration_s:.0f} s); ratio {ratio:.3f},"
        f" goal {GOAL_MEMORY:g} {'reached' if ratio <= GOAL_MEMORY else 'MISSED'};"
        f" {info.duration_s / long['wall_s']:.1f} times real time"
    )


def print_agreement(folder: Path, weights: Path) -> None:
    overlaps = []
    for name, truth in FACES_SEEN.items():
        found = compare_detectors(folder / name, weights)
        spans = {detector: spans_of([bool(faces) for faces in seen]) for detector, seen in found.items()}
        both = [
            overlap(ours[0], theirs[0]) if ours and theirs else 0.0
            for ours, theirs in zip(found["yunet"], found["mtcnn"], strict=True)
            if len(ours) == 1 or len(theirs) == 1
        ]
        overlaps += both
        counts = {detector: sum(len(faces) == 1 for faces in seen) for detector, seen in found.items()}
        least = f", overlap at least {min(both):.2f}, median {np.median(both):.2f}" if both else ""
        print(f"{name}: by eye {truth}, {spans}; one face in {counts}{least}", flush=True)
    share = float((np.array(overlaps) > GOAL_OVERLAP).mean())
    print(
        f"boxes overlap by more than {GOAL_OVERLAP} in {share:.1%} of {len(overlaps)} frames with one face, goal"
        f" {GOAL_AGREEING:.0%} {'reached' if share >= GOAL_AGREEING else 'MISSED'}"
    )


def run(folder: Path = SHARED / "data" / "video", weights: Path = SHARED / "models") -> None:
    if not (folder / "single_face.mp4").is_file() or not (weights / YUNET).is_file():
        sys.exit(f"this benchmark needs the videos in {folder} and the weights in {weights}")
    print_speed(folder, weights)
    print_agreement(folder, weights)
    print_memory(folder, weights)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.stdout.write(json.dumps(run_through(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))))
    else:
        run(*(Path(argument) for argument in sys.argv[1:3]))
