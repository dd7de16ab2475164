"""Fine-tuning of GLASS to labels: windows of gaze in, values or classes out.

Read in this order: ``question`` (what is asked), ``label_files`` (labels as they come), ``windows``, ``index_windows``
and ``dataset_windows`` (labels and gaze together), ``people`` (who trains, validates and tests), ``config``,
``losses`` and ``fit`` (one fit), ``gaze_statistics`` and ``baselines`` (what a network must beat), ``comparison``
(all rows, scored), ``checkpoint`` and ``course`` (the result, on disk and applied to a recording).
"""
