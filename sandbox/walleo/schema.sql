-- Times are seconds since the epoch, money is minor units; a card's amount is major units, as the document has it.
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS pull_requests (
    request_id TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    gift_card_code TEXT NOT NULL,
    amount INTEGER NOT NULL,
    created_at REAL NOT NULL,
    ends_at REAL,
    -- When its money comes back; null for one that sells a card.
    refund_at REAL,
    card_id TEXT,
    card_code TEXT,
    card_pin TEXT,
    card_amount INTEGER,
    -- For the intervals: when an answer told the client that this exists, and from when it may ask again.
    heard_at REAL,
    next_get_at REAL
);
CREATE INDEX IF NOT EXISTS refunds ON pull_requests (refund_at, amount) WHERE refund_at IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS cards ON pull_requests (card_id) WHERE card_id IS NOT NULL;

-- What a synchronous call was refused with: the same X-RequestId gets it again.
CREATE TABLE IF NOT EXISTS refusals (
    request_id TEXT PRIMARY KEY, status INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS posts (at REAL, request_id TEXT, outcome TEXT, answered INTEGER);
CREATE TABLE IF NOT EXISTS gets (at REAL, request_id TEXT, answered INTEGER, kind TEXT);
CREATE TABLE IF NOT EXISTS breaches (at REAL, kind TEXT, request_id TEXT, detail TEXT);
CREATE INDEX IF NOT EXISTS posts_by_request_id ON posts (request_id);
CREATE INDEX IF NOT EXISTS gets_by_request_id ON gets (request_id);

-- How often each request came, each fault was drawn, and a request came above the rate.
CREATE TABLE IF NOT EXISTS counts (what TEXT, name TEXT, n INTEGER NOT NULL, PRIMARY KEY (what, name)) WITHOUT ROWID;
