"""Run all benchmarks, or those named: ``python -m benchmarks [NAME ...]``."""

import os
import pkgutil
import sys
from importlib import import_module
from types import ModuleType

import benchmarks


def main(package: ModuleType, kind: str) -> None:
    """Run every file of `package` that defines ``run``, or those named on the command line."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.name[0] != "_")
    wanted = sys.argv[1:] or names
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        sys.exit(f"no {kind} named {', '.join(unknown)}; available: {', '.join(names)}")
    threads = {name: os.environ.get(name, "unset") for name in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS")}
    print(f"{os.cpu_count()} processors; {', '.join(f'{name} {value}' for name, value in threads.items())}")
    for name in wanted:
        entry = import_module(f"{package.__name__}.{name}")
        if hasattr(entry, "run"):
            print(f"\n== {name}: {(entry.__doc__ or '').splitlines()[0]}", flush=True)
            entry.run()


if __name__ == "__main__":
    main(benchmarks, "benchmark")
