"""What ``emogap paper build`` puts together: sources, facts of data and runs, licences, and the folder it writes.

Read :mod:`emogap.interfaces.paper.writing` first.
"""
