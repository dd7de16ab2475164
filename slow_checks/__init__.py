"""Statistical checks in full. Each file defines ``run() -> None`` and writes docs/evidence/<name>.json."""
