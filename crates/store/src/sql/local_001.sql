-- local.db: what only this computer has. Numbered files, never changed once released.
CREATE TABLE account (
    -- AUTOINCREMENT: an id is never used again, because mail.db may still hold rows of a removed account.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL,
    incoming TEXT NOT NULL,
    incoming_user TEXT NOT NULL,
    outgoing TEXT NOT NULL,
    outgoing_user TEXT NOT NULL,
    days INTEGER NOT NULL
);

CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- A queued change of one mail. Names the mail by its place on the server and its Message-ID, so that it outlives mail.db.
CREATE TABLE operation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    message INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('flag', 'move', 'expunge')),
    flag TEXT,
    is_on INTEGER,
    -- Where the mail lies on the server; uid NULL: not known until a move before it is done or the folder is synced.
    path TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid INTEGER,
    to_path TEXT,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'failed')),
    code TEXT,
    detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL,
    since INTEGER NOT NULL
);
CREATE INDEX operation_message ON operation (message, id);
CREATE INDEX operation_place ON operation (account, path, uid);
CREATE INDEX operation_account ON operation (account, id);

-- What `undo` takes back; kept for seconds.
CREATE TABLE undo (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token INTEGER NOT NULL,
    message INTEGER NOT NULL,
    flag TEXT,
    is_on INTEGER,
    account INTEGER NOT NULL,
    path TEXT,
    at INTEGER NOT NULL
);
CREATE INDEX undo_token ON undo (token, id);
CREATE INDEX undo_at ON undo (at);

CREATE TABLE draft (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    kind TEXT NOT NULL,
    message INTEGER,
    in_reply_to TEXT NOT NULL,
    refs TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    quote TEXT NOT NULL,
    saved INTEGER NOT NULL,
    outbox INTEGER
);
CREATE INDEX draft_saved ON draft (saved) WHERE outbox IS NULL;

CREATE TABLE draft_attachment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    draft INTEGER NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    content_id TEXT,
    size INTEGER NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX draft_attachment_draft ON draft_attachment (draft, id);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    draft INTEGER,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    shown_to TEXT NOT NULL,
    subject TEXT NOT NULL,
    archive TEXT NOT NULL,
    reply INTEGER,
    reply_kind TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'held', 'failed', 'sent')),
    -- Set before DATA goes out: a crash after it leaves in doubt whether the server has the mail.
    data_begun INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    raw BLOB NOT NULL,
    raw_sent BLOB NOT NULL
);
CREATE INDEX outbox_account ON outbox (account, state, next_try);

-- What was archived in the CRM or waits to be, by mail.
CREATE TABLE archive (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    records TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'done', 'failed')),
    code TEXT,
    activity TEXT,
    by TEXT NOT NULL,
    date INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL,
    already INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX archive_state ON archive (state, next_try);
