"""Speed and memory, measured as ratios in one run. Each file defines ``run() -> None`` and prints its table."""
