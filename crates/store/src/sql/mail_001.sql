-- mail.db: what the servers still have. May be set aside and fetched again.
CREATE TABLE mail.folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    server_name TEXT NOT NULL,
    role TEXT NOT NULL,
    selectable INTEGER NOT NULL,
    unread INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    uid_validity INTEGER NOT NULL DEFAULT 0,
    uid_next INTEGER NOT NULL DEFAULT 0,
    highest_modseq INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    UNIQUE (account, path)
);
CREATE INDEX mail.folder_role ON folder (role, account);

-- The id is the date: see RowDate. Lists are walks over (folder, id).
CREATE TABLE mail.message (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    -- NULL: removed for good by the person, and not yet by the server.
    folder INTEGER,
    -- NULL: a move brought it here and the server has not said its number.
    uid INTEGER,
    thread INTEGER NOT NULL,
    date INTEGER NOT NULL,
    size INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    in_reply_to TEXT NOT NULL,
    refs TEXT NOT NULL,
    subject TEXT NOT NULL,
    from_name TEXT NOT NULL,
    from_email TEXT NOT NULL,
    to_json TEXT NOT NULL,
    others TEXT NOT NULL,
    preview TEXT NOT NULL,
    seen INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    forwarded INTEGER NOT NULL,
    draft INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    attachments TEXT NOT NULL,
    attachment_count INTEGER NOT NULL,
    has_html INTEGER NOT NULL,
    has_text INTEGER NOT NULL,
    unreadable TEXT,
    partial INTEGER NOT NULL,
    crm_state INTEGER NOT NULL DEFAULT 0,
    pills TEXT NOT NULL DEFAULT '',
    pills_stale INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX mail.message_uid ON message (folder, uid);
CREATE INDEX mail.message_folder ON message (folder, id);
CREATE INDEX mail.message_unread ON message (folder, id) WHERE seen = 0;
CREATE INDEX mail.message_flagged ON message (folder, id) WHERE flagged = 1;
CREATE INDEX mail.message_customer ON message (folder, id) WHERE crm_state = 1;
CREATE INDEX mail.message_not_in_crm ON message (folder, id) WHERE crm_state = 2;
CREATE INDEX mail.message_partial ON message (folder, id) WHERE partial = 1;
CREATE INDEX mail.message_stale ON message (id) WHERE pills_stale = 1;
CREATE INDEX mail.message_message_id ON message (message_id);
CREATE INDEX mail.message_thread ON message (thread, id);
-- Mails without a number on the server: few, looked for at opening.
CREATE INDEX mail.message_placeless ON message (id) WHERE uid IS NULL;
CREATE INDEX mail.message_account ON message (account);

CREATE TRIGGER mail.message_count_insert AFTER INSERT ON message WHEN new.folder IS NOT NULL BEGIN
    UPDATE folder SET total = total + 1, unread = unread + (new.seen = 0) WHERE id = new.folder;
END;
CREATE TRIGGER mail.message_count_delete AFTER DELETE ON message WHEN old.folder IS NOT NULL BEGIN
    UPDATE folder SET total = total - 1, unread = unread - (old.seen = 0) WHERE id = old.folder;
END;
CREATE TRIGGER mail.message_count_update AFTER UPDATE OF folder, seen ON message BEGIN
    UPDATE folder SET total = total - 1, unread = unread - (old.seen = 0) WHERE id = old.folder;
    UPDATE folder SET total = total + 1, unread = unread + (new.seen = 0) WHERE id = new.folder;
END;

-- Apart from the row, so that a list never reads past it.
CREATE TABLE mail.body (
    message INTEGER PRIMARY KEY,
    -- The whole mail, zstd; NULL: only headers are here.
    raw BLOB,
    -- Plain text for snippets, zstd.
    text BLOB NOT NULL
);

CREATE VIRTUAL TABLE mail.fts USING fts5 (
    people, subject, body,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- Every Message-ID that is known or referred to, and the conversation it belongs to.
CREATE TABLE mail.thread_ref (
    account INTEGER NOT NULL,
    ref TEXT NOT NULL,
    thread INTEGER NOT NULL,
    PRIMARY KEY (account, ref)
) WITHOUT ROWID;
CREATE INDEX mail.thread_ref_thread ON thread_ref (thread);
CREATE TABLE mail.thread (id INTEGER PRIMARY KEY AUTOINCREMENT);

CREATE TABLE mail.correspondent (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    uses INTEGER NOT NULL,
    last INTEGER NOT NULL
);
CREATE TABLE mail.correspondent_word (
    word TEXT NOT NULL,
    correspondent INTEGER NOT NULL,
    PRIMARY KEY (word, correspondent)
) WITHOUT ROWID;
