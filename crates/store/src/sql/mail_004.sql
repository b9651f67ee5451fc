-- Row ids of messages are smaller (RowDate), bodies lie in the order in which they came, and beginnings of words take less.

-- What ids were before. Emptied when local.db has followed.
CREATE TABLE mail.renumbered (old INTEGER PRIMARY KEY, new INTEGER NOT NULL);
-- Before: seconds, and twenty bits. Now: half minutes, each id above the one before.
INSERT INTO mail.renumbered (old, new)
    SELECT id, max(max(id / 1048576 / 30, 1) - place) OVER (ORDER BY id) + place
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM mail.message);

-- A negative id is nobody's.
UPDATE mail.message SET id = -(SELECT new FROM mail.renumbered WHERE old = id);
UPDATE mail.message SET id = -id;
DELETE FROM mail.mark WHERE id NOT IN (SELECT old FROM mail.renumbered);
UPDATE mail.mark SET id = -(SELECT new FROM mail.renumbered WHERE old = id);
UPDATE mail.mark SET id = -id;
UPDATE mail.message_label SET message = -(SELECT new FROM mail.renumbered WHERE old = message)
    WHERE message IN (SELECT old FROM mail.renumbered);
UPDATE mail.message_label SET message = abs(message);
UPDATE mail.part_fetch SET message = -(SELECT new FROM mail.renumbered WHERE old = message)
    WHERE message IN (SELECT old FROM mail.renumbered);
UPDATE mail.part_fetch SET message = abs(message);

-- A row's own number: rows put between others leave a third of the space unused.
CREATE TABLE mail.body_as_it_came (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL UNIQUE,
    -- The mail (body/pack.rs); NULL: only headers are here. In form 0 the whole mail, zstd.
    raw BLOB,
    -- In form 0 the plain text for snippets, zstd.
    text BLOB NOT NULL,
    form INTEGER NOT NULL,
    -- Ids of blobs, eight bytes each, low byte first.
    blobs BLOB
);
INSERT INTO mail.body_as_it_came (message, raw, text, form, blobs)
    SELECT r.new, b.raw, b.text, b.form, b.blobs FROM mail.body b JOIN mail.renumbered r ON r.old = b.message
    ORDER BY b.message;
DROP TABLE mail.body;
ALTER TABLE mail.body_as_it_came RENAME TO body;

DROP TABLE mail.fts;
CREATE VIRTUAL TABLE mail.fts USING fts5 (
    -- The body first: of the first column the index need not say for each word that it is meant.
    body, author, recipients, copies, subject, files,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
-- How the words of a mail begin, of two to four letters: what is still being typed is looked for here. In which column
-- they stand, the word itself says (fold.rs).
DROP TABLE mail.beginning;
CREATE VIRTUAL TABLE mail.beginning USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii', detail = 'none'
);
DROP TABLE mail.business;
CREATE VIRTUAL TABLE mail.business USING fts5 (
    company, sale, content = '', contentless_delete = 1, tokenize = 'ascii'
);
INSERT INTO mail.fts (fts, rank) VALUES ('hashsize', 4194304);
INSERT INTO mail.fts (fts, rank) VALUES ('automerge', 8);
INSERT INTO mail.beginning (beginning, rank) VALUES ('automerge', 8);
DELETE FROM mail.upkeep WHERE key = 'reindex';
INSERT INTO mail.upkeep SELECT 'reindex', max(id) + 1 FROM mail.message HAVING max(id) IS NOT NULL;
