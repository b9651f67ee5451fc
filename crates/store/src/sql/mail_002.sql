-- Searches by flags, folders and what the CRM says, attachments once, conversations by subject.

-- What filters ask of a mail, in a row so small that a walk over many is cheap. Kept by triggers; archived by the store.
CREATE TABLE mail.mark (
    id INTEGER PRIMARY KEY,
    folder INTEGER,
    seen INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    files INTEGER NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0
);
INSERT INTO mail.mark (id, folder, seen, flagged, answered, files)
    SELECT id, folder, seen, flagged, answered, attachment_count > 0 FROM mail.message;
CREATE INDEX mail.mark_unread ON mark (id) WHERE seen = 0;
CREATE INDEX mail.mark_flagged ON mark (id) WHERE flagged = 1;
CREATE INDEX mail.mark_files ON mark (id) WHERE files = 1;
CREATE INDEX mail.mark_archived ON mark (id) WHERE archived = 1;

-- Counts of what a list can be filtered by: counting at each look would walk the index.
ALTER TABLE mail.folder ADD COLUMN flagged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mail.folder ADD COLUMN customers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mail.folder ADD COLUMN strangers INTEGER NOT NULL DEFAULT 0;
UPDATE mail.folder SET
    flagged = (SELECT count(*) FROM mail.message m WHERE m.folder = folder.id AND m.flagged = 1),
    customers = (SELECT count(*) FROM mail.message m WHERE m.folder = folder.id AND m.crm_state = 1),
    strangers = (SELECT count(*) FROM mail.message m WHERE m.folder = folder.id AND m.crm_state = 2);

-- The subject without prefixes and the account, hashed; NULL where there is none. And whether the mail is an answer that
-- names no other mail.
ALTER TABLE mail.message ADD COLUMN subject_key INTEGER;
ALTER TABLE mail.message ADD COLUMN orphan INTEGER NOT NULL DEFAULT 0;
CREATE INDEX mail.message_subject ON message (subject_key, id) WHERE subject_key IS NOT NULL;
CREATE INDEX mail.message_orphan ON message (subject_key, id) WHERE orphan = 1;

DROP TRIGGER mail.message_count_insert;
DROP TRIGGER mail.message_count_delete;
DROP TRIGGER mail.message_count_update;
CREATE TRIGGER mail.message_insert AFTER INSERT ON message BEGIN
    INSERT INTO mark (id, folder, seen, flagged, answered, files)
        VALUES (new.id, new.folder, new.seen, new.flagged, new.answered, new.attachment_count > 0);
    UPDATE folder SET total = total + 1, unread = unread + (new.seen = 0), flagged = flagged + new.flagged,
        customers = customers + (new.crm_state = 1), strangers = strangers + (new.crm_state = 2) WHERE id = new.folder;
END;
CREATE TRIGGER mail.message_delete AFTER DELETE ON message BEGIN
    DELETE FROM mark WHERE id = old.id;
    UPDATE folder SET total = total - 1, unread = unread - (old.seen = 0), flagged = flagged - old.flagged,
        customers = customers - (old.crm_state = 1), strangers = strangers - (old.crm_state = 2) WHERE id = old.folder;
END;
CREATE TRIGGER mail.message_update AFTER UPDATE OF folder, seen, flagged, answered, attachment_count, crm_state ON message
BEGIN
    UPDATE mark SET folder = new.folder, seen = new.seen, flagged = new.flagged, answered = new.answered,
        files = new.attachment_count > 0 WHERE id = new.id;
    UPDATE folder SET total = total - 1, unread = unread - (old.seen = 0), flagged = flagged - old.flagged,
        customers = customers - (old.crm_state = 1), strangers = strangers - (old.crm_state = 2) WHERE id = old.folder;
    UPDATE folder SET total = total + 1, unread = unread + (new.seen = 0), flagged = flagged + new.flagged,
        customers = customers + (new.crm_state = 1), strangers = strangers + (new.crm_state = 2) WHERE id = new.folder;
END;

-- Attachments, decoded, each once.
CREATE TABLE mail.blob (
    id INTEGER PRIMARY KEY,
    -- SHA-256 of the content, 32 bytes.
    hash BLOB NOT NULL UNIQUE,
    -- In how many mails' bodies; at none the row goes.
    refs INTEGER NOT NULL,
    -- In bytes, and whether `content` is zstd.
    size INTEGER NOT NULL,
    packed INTEGER NOT NULL,
    content BLOB NOT NULL
);
-- 0: raw and text, zstd each. 1: raw is what body/pack.rs makes of both, text is empty.
ALTER TABLE mail.body ADD COLUMN form INTEGER NOT NULL DEFAULT 0;
-- Ids of blobs, eight bytes each, low byte first.
ALTER TABLE mail.body ADD COLUMN blobs BLOB;

-- The words are the store's own (fold.rs), parted by what is not a letter or digit of ASCII.
DROP TABLE mail.fts;
CREATE VIRTUAL TABLE mail.fts USING fts5 (
    -- The body first: of the first column the index need not say for each word that it is meant.
    body, author, recipients, copies, subject, files,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
-- How their words begin, of two to four letters: what is still being typed is looked for here.
CREATE VIRTUAL TABLE mail.beginning USING fts5 (
    body, author, recipients, copies, subject, files,
    content = '', contentless_delete = 1, tokenize = 'ascii', detail = 'column'
);
-- What the CRM calls the customer, from the pills.
CREATE VIRTUAL TABLE mail.business USING fts5 (
    company, sale, content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- Fewer and larger parts while mails come in; the upkeep puts them together.
INSERT INTO mail.fts (fts, rank) VALUES ('hashsize', 4194304);
INSERT INTO mail.fts (fts, rank) VALUES ('automerge', 8);
INSERT INTO mail.beginning (beginning, rank) VALUES ('automerge', 8);

-- Work that goes on in the background. reindex: mails below this id are not in the search index yet.
CREATE TABLE mail.upkeep (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO mail.upkeep SELECT 'reindex', max(id) + 1 FROM mail.message HAVING max(id) IS NOT NULL;
