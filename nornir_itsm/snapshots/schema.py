"""The tables of snapshots; a new version is a further script, an old one is never changed."""

VERSIONS = (
    """
    -- One collection: what asked (a command line, a schedule), when it began and came to its end.
    CREATE TABLE snapshots (
        id       {serial},
        started  TEXT NOT NULL,
        finished TEXT NOT NULL DEFAULT '',
        source   TEXT NOT NULL
    );
    -- One host of it: problem says why it did not give all that was asked.
    CREATE TABLE snapshot_hosts (
        snapshot BIGINT NOT NULL REFERENCES snapshots (id) ON DELETE CASCADE,
        host     TEXT NOT NULL,
        platform TEXT NOT NULL,
        problem  TEXT NOT NULL,
        PRIMARY KEY (snapshot, host)
    );
    -- One answer: its text word for word, rows and what could not be read as JSON, all zlib.
    CREATE TABLE snapshot_outputs (
        snapshot   BIGINT NOT NULL,
        host       TEXT NOT NULL,
        command    TEXT NOT NULL,
        started    TEXT NOT NULL,
        finished   TEXT NOT NULL,
        text       {bytes} NOT NULL,
        table_name TEXT,
        row_count  INTEGER NOT NULL,
        lost       INTEGER NOT NULL,
        table_rows {bytes} NOT NULL,
        doubts     {bytes} NOT NULL,
        PRIMARY KEY (snapshot, host, command),
        FOREIGN KEY (snapshot, host) REFERENCES snapshot_hosts (snapshot, host) ON DELETE CASCADE
    );
    """,
)
