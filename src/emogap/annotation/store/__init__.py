"""Ratings in a database: SQLite by default, PostgreSQL by its address.

Read in this order: ``schema`` (the tables), ``connection`` (what makes a commit lasting), ``opening`` (create,
migrate), ``store`` (add and read). Nothing outside this folder imports the database library.
"""

from emogap.annotation.store.opening import open_store
from emogap.annotation.store.store import AuditEntry, Revision, Round, Store

__all__ = ["AuditEntry", "Revision", "Round", "Store", "open_store"]
