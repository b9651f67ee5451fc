-- Operations of more kinds: keywords, copies, a folder that is emptied, a mail put into a folder.
CREATE TABLE operation_of_more_kinds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    -- The mail; of a copy, the copy's row; 0: none.
    message INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('flag', 'keyword', 'move', 'copy', 'expunge', 'empty', 'append')),
    -- Or the keyword.
    flag TEXT,
    is_on INTEGER,
    -- Of a copy, the row that is copied.
    origin INTEGER,
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
INSERT INTO operation_of_more_kinds (id, account, message, message_id, subject, kind, flag, is_on, path, uid_validity,
        uid, to_path, state, code, detail, attempts, next_try, since)
    SELECT id, account, message, message_id, subject, kind, flag, is_on, path, uid_validity, uid, to_path, state, code,
        detail, attempts, next_try, since FROM operation;
DROP TABLE operation;
ALTER TABLE operation_of_more_kinds RENAME TO operation;
CREATE INDEX operation_message ON operation (message, id);
CREATE INDEX operation_origin ON operation (origin, id) WHERE origin IS NOT NULL;
CREATE INDEX operation_place ON operation (account, path, uid);
CREATE INDEX operation_account ON operation (account, id);

-- The mails that were in a folder when it was asked to be emptied: those that come later stay.
CREATE TABLE operation_mail (
    operation INTEGER NOT NULL REFERENCES operation (id) ON DELETE CASCADE,
    message INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    uid INTEGER,
    PRIMARY KEY (operation, message)
) WITHOUT ROWID;
CREATE INDEX operation_mail_message ON operation_mail (message);
CREATE INDEX operation_mail_uid ON operation_mail (operation, uid);

-- What is to be put into a folder.
CREATE TABLE operation_content (
    operation INTEGER PRIMARY KEY REFERENCES operation (id) ON DELETE CASCADE,
    seen INTEGER NOT NULL,
    draft INTEGER NOT NULL,
    raw BLOB NOT NULL
);

-- flag, keyword, move, copy or empty.
ALTER TABLE undo ADD COLUMN kind TEXT NOT NULL DEFAULT '';
DELETE FROM undo;
