"""``emogap export``: a study or a public data set written in a standard of the field.

``plan`` says what a source has to tell, ``study`` and ``uniss_fgd`` are the sources, ``job`` does the work.
"""

from emogap.interfaces.exporting.job import ExportReport, export_bids
from emogap.interfaces.exporting.plan import ExportOptions

__all__ = ["ExportOptions", "ExportReport", "export_bids"]
