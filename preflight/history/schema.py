"""The tables of the history, and how those of an older version become today's.

``PRAGMA user_version`` is the version, ``PRAGMA application_id`` says that the file is a history of preflight at all.
Times are milliseconds since 1970 in UTC, so that neither daylight saving nor a move of the host changes an order.
"""

from sqlite3 import Connection

from preflight.history.errors import HistoryError

APPLICATION_ID = 0x50524546  # "PREF"

_VERSION_1 = """
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    configuration TEXT NOT NULL,
    selection TEXT NOT NULL,
    stage TEXT NOT NULL,
    bad_since INTEGER,
    announced INTEGER,
    UNIQUE (project, configuration, selection, stage)
);
CREATE TABLE body (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    report BLOB NOT NULL
);
CREATE TABLE run (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    series INTEGER NOT NULL REFERENCES series (id),
    started INTEGER NOT NULL,
    duration REAL NOT NULL,
    exit_code INTEGER NOT NULL,
    body INTEGER NOT NULL REFERENCES body (id),
    durations TEXT NOT NULL
);
CREATE INDEX run_of_series ON run (series, number, started);
CREATE INDEX run_with_body ON run (body);
CREATE TABLE standing (
    series INTEGER NOT NULL REFERENCES series (id),
    check_id TEXT NOT NULL,
    code TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (series, check_id, code, subject)
) WITHOUT ROWID;
CREATE TABLE change (
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL REFERENCES series (id),
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    check_id TEXT NOT NULL,
    code TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    lasted REAL
);
CREATE INDEX change_of_series ON change (series, run);
CREATE INDEX change_of_check ON change (series, check_id, code, subject, run);
"""

_VERSION_2 = """
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sender TEXT NOT NULL,
    target TEXT NOT NULL,
    text TEXT NOT NULL,
    made INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    taken INTEGER
);
CREATE INDEX outbox_of_target ON outbox (sender, target, id);
"""

MIGRATIONS = (_VERSION_1, _VERSION_2)
"""What makes the tables of a version from those of the one before; never changed once released."""

VERSION = len(MIGRATIONS)


def version_of(connection: Connection) -> int:
    """Return the version of the tables; 0 for a file that is empty.

    Raises:
        HistoryError: It is somebody else's database, or a newer preflight made it.
    """
    [application] = connection.execute("PRAGMA application_id").fetchone()
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [tables] = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise HistoryError("it is a database of another program", "Name another file: --history FILE.")
    if version > VERSION:
        raise HistoryError(
            f"a newer preflight made it (tables of version {version}; this one knows {VERSION})",
            "Update this preflight, or name another file: --history FILE.",
        )
    return int(version)


def migrate(connection: Connection) -> None:
    """Make the tables those of this version. Call it in a transaction: it is done whole or not at all.

    Raises:
        HistoryError: See ``version_of``.
    """
    version = version_of(connection)
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        for statement in script.split(";"):  # executescript would commit
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    if version == 0:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
