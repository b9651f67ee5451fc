-- Archiving with choices, by rule and by conversation; mails marked private; what colleagues archived.

-- A single attachment: its number within the mail; `message_id` is then the mail's, a space, and the number.
ALTER TABLE archive ADD COLUMN part INTEGER;
-- The caller's JSON.
ALTER TABLE archive ADD COLUMN choice TEXT NOT NULL DEFAULT '';
ALTER TABLE archive ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0;
-- Whether later mails of the conversation are archived by themselves; NULL: nobody said.
ALTER TABLE archive ADD COLUMN follow INTEGER;
-- The CRM was asked for it before, and its answer may have been lost.
ALTER TABLE archive ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;

-- 0: not private, although its conversation is. 1: private. 2: private with its conversation.
CREATE TABLE private_mail (message_id TEXT PRIMARY KEY, state INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    -- When it was switched on, in seconds since 1970; NULL: it is off.
    since INTEGER,
    -- The caller's JSON.
    conditions TEXT NOT NULL
);
-- Mails that the rules have looked at, each once, and why they left it alone; empty: it was taken.
CREATE TABLE weighed (message_id TEXT PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID;

-- What the CRM of a link said of a mail that is not archived from here; empty: it does not have it.
CREATE TABLE archived_there (
    link INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    asked INTEGER NOT NULL,
    found TEXT NOT NULL,
    PRIMARY KEY (link, message_id)
) WITHOUT ROWID;
