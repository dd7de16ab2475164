"""A stored run made readable: tables for the terminal and for Markdown, figures, one page.

Nothing is computed from signals or models here; a run can be reported again wherever its folder is. Read in this
order: ``results`` (opening a run), ``numbers`` (how a number is written), ``ceilings``, ``tables``, ``markdown``,
``figures``, ``data_quality`` and ``page``.
"""
