-- Which CRMs were connected, and with whom; never a secret. The one that is not ended is connected now.
CREATE TABLE crm_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    -- Which customer of it: tenant or address. With `kind` it names the link.
    place TEXT NOT NULL,
    config TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The CRM's id of the user, their name, and the address on their card.
    user TEXT NOT NULL,
    user_name TEXT NOT NULL,
    email TEXT NOT NULL,
    connected INTEGER NOT NULL,
    refreshed INTEGER NOT NULL DEFAULT 0,
    ended INTEGER,
    UNIQUE (kind, place)
);
CREATE UNIQUE INDEX crm_link_now ON crm_link (ended IS NULL) WHERE ended IS NULL;
-- 0: the embedded CRM.
ALTER TABLE archive ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
-- What waits to be done in the CRM besides archiving.
CREATE TABLE crm_work (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    link INTEGER NOT NULL,
    work TEXT NOT NULL,
    -- The mail it was made from, or empty.
    message_id TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'failed')),
    code TEXT,
    created INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- The CRM was asked for it before, and its answer may have been lost.
    begun INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL
);
CREATE INDEX crm_work_state ON crm_work (state, next_try);
-- From which mail a follow-up of the CRM was made.
CREATE TABLE follow_up_mail (
    link INTEGER NOT NULL,
    follow_up TEXT NOT NULL,
    message_id TEXT NOT NULL,
    PRIMARY KEY (link, follow_up)
) WITHOUT ROWID;
-- Mails of one's own that want an answer. By Message-ID: rows of mail.db come and go.
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0
);
-- Addresses that a person does not want in the CRM, in lower case.
CREATE TABLE never_add (email TEXT PRIMARY KEY) WITHOUT ROWID;
