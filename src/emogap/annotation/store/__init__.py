"""Ratings in a database: SQLite by default, PostgreSQL by its address.

Read in this order: ``schema`` (the tables), ``connection`` (what makes a commit lasting), ``opening`` (create,
migrate), ``store`` (add and read), ``forgetting``. Nothing outside this folder imports the database library.
"""

from emogap.annotation.store.forgetting import backups_of, forget_items
from emogap.annotation.store.opening import open_store
from emogap.annotation.store.store import AuditEntry, Revision, Round, Store

__all__ = ["AuditEntry", "Revision", "Round", "Store", "backups_of", "forget_items", "open_store"]
