"""Run all benchmarks, or the one named: ``python -m benchmarks [NAME]``."""

import os
import pkgutil
import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    names = sorted(
        module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.name[0] != "_"
    )
    wanted = sys.argv[1:] or names
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        sys.exit(f"no benchmark named {', '.join(unknown)}; available: {', '.join(names)}")
    threads = {name: os.environ.get(name, "unset") for name in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS")}
    print(f"{os.cpu_count()} processors; {', '.join(f'{name} {value}' for name, value in threads.items())}")
    for name in wanted:
        benchmark = import_module(f"benchmarks.{name}")
        if hasattr(benchmark, "run"):
            print(f"\n== {name}: {(benchmark.__doc__ or '').splitlines()[0]}", flush=True)
            benchmark.run()


if __name__ == "__main__":
    main()
