"""``emogap release``: of a study what its participants allow others to have, in a layout that is read again.

Read in this order: ``consent`` (what people allow), ``choice`` (who is released, with what), ``codes`` (their new ids),
``permitted_study`` (the study with nobody and nothing else in it: everything below reads only that), ``places`` (the
layouts), ``clip_faces``, ``clip_gaze``, ``clip_maps`` (the subsets of one clip), ``person`` (all of one person),
``label_sheets``, ``flow``, ``documents`` (what stands around the clips), ``job`` (the way in).
"""

from emogap.interfaces.releasing.job import ReleaseReport, release_study
from emogap.interfaces.releasing.options import ReleaseOptions

__all__ = ["ReleaseOptions", "ReleaseReport", "release_study"]
