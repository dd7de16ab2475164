"""Run all slow checks, or those named: ``python -m slow_checks [NAME ...]``."""

import slow_checks
from benchmarks.__main__ import main

if __name__ == "__main__":
    main(slow_checks, "slow check")
