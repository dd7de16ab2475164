"""The shelf of readers: one file per device or export program.

A reader defines ``can_read(path) -> bool``, which looks at the heading only, and
``read(path) -> tuple[Recording, ...]``, every recording of the file. Files with a leading underscore are
parts that readers share. Read ``tobii_studio`` first.

Every reader promises (``tests/recording/readers/test_contract.py``): units, frame, clock and missing code
are those of :mod:`emogap.types`; a lost sample is NaN and not valid; time increases strictly; and a file
that is cut, damaged or contradicts itself raises a :class:`~emogap.errors.DataError` naming file and line.
"""
