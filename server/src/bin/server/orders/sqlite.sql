-- The tables, in the types of SQLite. postgres.sql has the same ones: a change goes into both.
CREATE TABLE orders (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    customer        TEXT NOT NULL,
    product         TEXT NOT NULL,
    quantity        INTEGER NOT NULL CHECK (quantity > 0),
    status          TEXT NOT NULL,
    taken           INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    idempotency_key TEXT UNIQUE
);
CREATE TABLE jobs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    kind     TEXT NOT NULL,
    state    TEXT NOT NULL,
    due_at   INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    worker   TEXT NOT NULL DEFAULT '',
    error    TEXT NOT NULL DEFAULT '',
    UNIQUE (order_id, kind)
);
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';
CREATE TABLE inventory (
    product TEXT PRIMARY KEY,
    stock   INTEGER NOT NULL CHECK (stock >= 0)
);
INSERT INTO inventory VALUES
    ('warp', 1000000), ('weft', 1000000), ('shuttle', 1000), ('loom', 5),
    ('broken', 1000000), ('flaky', 1000000);
