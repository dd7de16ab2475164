"""The tables of a store, one class each, and what the database itself forbids."""

from sqlalchemy import Connection, UniqueConstraint
from sqlmodel import Field, SQLModel

__all__ = [
    "SCHEMA",
    "TABLES",
    "AnnotatorRow",
    "AuditRow",
    "ItemRow",
    "RatingRow",
    "RoundRow",
    "SchemaRow",
    "create_tables",
    "drop_guards",
    "make_guards",
]

SCHEMA = 2
"""Version of the tables. 1: ratings did not say in which version of a vocabulary they were given."""


class SchemaRow(SQLModel, table=True):
    """Which version the tables have; one row."""

    __tablename__ = "store_schema"
    id: int = Field(default=1, primary_key=True)
    version: int


class ItemRow(SQLModel, table=True):
    """Something to be rated, such as a clip."""

    __tablename__ = "item"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class AnnotatorRow(SQLModel, table=True):
    """A person or a machine that rates."""

    __tablename__ = "annotator"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class RoundRow(SQLModel, table=True):
    """One pass over the items; an annotator answers a question about an item once in it."""

    __tablename__ = "rating_round"
    number: int = Field(primary_key=True)
    purpose: str
    opened_at: str


class RatingRow(SQLModel, table=True):
    """One revision of one answer. Rows are added, never changed; the highest revision counts."""

    __tablename__ = "rating"
    __table_args__ = (UniqueConstraint("item_id", "annotator_id", "question", "round_number", "revision"),)
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id")
    annotator_id: int = Field(foreign_key="annotator.id", index=True)
    question: str
    round_number: int = Field(foreign_key="rating_round.number")
    revision: int
    text: str | None
    answered_at: str | None
    vocabulary: str | None
    mapping: str | None


class AuditRow(SQLModel, table=True):
    """Who did what, when, with which version; the database refuses to change or delete a row."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: str
    who: str
    what: str
    subject: str
    revision: int | None
    software: str


ROWS: tuple[type[SQLModel], ...] = (SchemaRow, ItemRow, AnnotatorRow, RoundRow, RatingRow, AuditRow)

TABLES = tuple(str(row.__tablename__) for row in ROWS)
"""Names of the tables, in an order in which each refers to earlier ones only."""

_FORBIDDEN = (("audit", "UPDATE"), ("audit", "DELETE"), ("rating", "UPDATE"))


def create_tables(connection: Connection) -> None:
    """Make the tables of an empty database, with the triggers that keep audit and ratings as they were written."""
    for row in ROWS:
        row.metadata.tables[str(row.__tablename__)].create(connection)
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        connection.exec_driver_sql(
            "CREATE FUNCTION emogap_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION USING MESSAGE = "
            "TG_OP || ' of ' || TG_TABLE_NAME || ' is refused: rows are added only'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION emogap_refuse()"
        )
    make_guards(connection)


def make_guards(connection: Connection) -> None:
    """Have the database refuse what changes or removes rows of audit and ratings."""
    postgres = connection.dialect.name == "postgresql"
    for table, operation in _FORBIDDEN:
        body = (
            "FOR EACH ROW EXECUTE FUNCTION emogap_refuse()"
            if postgres
            else f"BEGIN SELECT RAISE(ABORT, '{operation} of {table} is refused: rows are added only'); END"
        )
        connection.exec_driver_sql(f"CREATE TRIGGER {table}_{operation.lower()} BEFORE {operation} ON {table} {body}")


def drop_guards(connection: Connection) -> None:
    """Let rows be removed within this transaction; :func:`make_guards` has them refused again."""
    postgres = connection.dialect.name == "postgresql"
    for table, operation in _FORBIDDEN:
        at = f" ON {table}" if postgres else ""
        connection.exec_driver_sql(f"DROP TRIGGER {table}_{operation.lower()}{at}")
