-- The tables, in the types of PostgreSQL. sqlite.sql has the same ones: a change goes into both.
CREATE TABLE orders (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer        TEXT NOT NULL,
    product         TEXT NOT NULL,
    quantity        BIGINT NOT NULL CHECK (quantity > 0),
    status          TEXT NOT NULL,
    taken           BIGINT NOT NULL DEFAULT 0,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    idempotency_key TEXT UNIQUE
);
CREATE TABLE jobs (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id BIGINT NOT NULL REFERENCES orders (id),
    kind     TEXT NOT NULL,
    state    TEXT NOT NULL,
    due_at   BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0,
    worker   TEXT NOT NULL DEFAULT '',
    error    TEXT NOT NULL DEFAULT '',
    UNIQUE (order_id, kind)
);
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';
CREATE TABLE inventory (
    product TEXT PRIMARY KEY,
    stock   BIGINT NOT NULL CHECK (stock >= 0)
);
INSERT INTO inventory VALUES
    ('warp', 1000000), ('weft', 1000000), ('shuttle', 1000), ('loom', 5),
    ('broken', 1000000), ('flaky', 1000000);
