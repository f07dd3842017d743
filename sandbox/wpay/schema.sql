-- Times are seconds since the epoch, money is minor units.
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS orders (
    refno TEXT PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    lines TEXT NOT NULL,
    currency TEXT NOT NULL,
    sync_only INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    sells INTEGER NOT NULL,
    created_at REAL NOT NULL,
    complete_at REAL,
    cancelled_at REAL,
    -- For the polling interval: when the client last spoke of this order, and whether it was told that it exists.
    last_heard_at REAL NOT NULL,
    told INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS cards (
    refno TEXT NOT NULL,
    position INTEGER NOT NULL,
    card_id INTEGER NOT NULL,
    sku TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    pin TEXT,
    barcode TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (refno, position)
) WITHOUT ROWID;

-- A debit is negative. A credit may lie in the future: an order that will fail gives its money back when it does.
CREATE TABLE IF NOT EXISTS movements (at REAL, refno TEXT, currency TEXT, amount INTEGER);

CREATE TABLE IF NOT EXISTS posts (at REAL, refno TEXT, outcome TEXT, answered INTEGER);
CREATE TABLE IF NOT EXISTS polls (at REAL, refno TEXT, told INTEGER, kind TEXT);
CREATE TABLE IF NOT EXISTS reads (at REAL, refno TEXT, page_offset INTEGER, page_limit INTEGER, outcome TEXT);
CREATE TABLE IF NOT EXISTS breaches (at REAL, kind TEXT, refno TEXT, detail TEXT);
CREATE INDEX IF NOT EXISTS posts_by_refno ON posts (refno);
CREATE INDEX IF NOT EXISTS polls_by_refno ON polls (refno);
CREATE INDEX IF NOT EXISTS reads_by_refno ON reads (refno, page_offset, page_limit);

-- How often each request came, and each fault was drawn.
CREATE TABLE IF NOT EXISTS counts (what TEXT, name TEXT, n INTEGER NOT NULL, PRIMARY KEY (what, name)) WITHOUT ROWID;
