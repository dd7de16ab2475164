"""Judging models on people they have not seen.

Read in this order: ``protocols`` (which question), ``grid`` (which fits answer it), ``fitting`` (one of them),
``fit_store`` (fits that several runs share), ``run_folder`` (what is on disk), ``benchmark`` (all of it), then
``predictions`` and, computed from those alone, ``aligned``, ``floors``, ``rows``, ``comparison`` and ``scores``.
Fitted models are asked more in ``robustness`` (disturbed clips), ``attribution`` (what answers rest on) and
``fused_features``.
"""
