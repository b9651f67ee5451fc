-- Keywords, Gmail's numbers and labels, folders that a person does not follow, attachments that are fetched by themselves.

-- Parted by a space, as the server spells them.
ALTER TABLE mail.message ADD COLUMN keywords TEXT NOT NULL DEFAULT '';
CREATE INDEX mail.message_keywords ON message (id) WHERE keywords <> '';
-- X-GM-MSGID and X-GM-THRID; NULL where the server has none.
ALTER TABLE mail.message ADD COLUMN gmail_id INTEGER;
ALTER TABLE mail.message ADD COLUMN gmail_thread INTEGER;
CREATE INDEX mail.message_gmail ON message (account, gmail_id) WHERE gmail_id IS NOT NULL;

-- 0: the person does not want to see it.
ALTER TABLE mail.folder ADD COLUMN subscribed INTEGER NOT NULL DEFAULT 1;
-- MAILBOXID (RFC 8474), by which a folder is known under another name; empty: the server has none.
ALTER TABLE mail.folder ADD COLUMN mailbox_id TEXT NOT NULL DEFAULT '';

-- Folders that a mail is in besides its own: labels.
CREATE TABLE mail.message_label (
    message INTEGER NOT NULL,
    folder INTEGER NOT NULL,
    PRIMARY KEY (message, folder)
) WITHOUT ROWID;
CREATE INDEX mail.message_label_folder ON message_label (folder, message);

-- Parts of mails whose body is not here as a whole, fetched by themselves. `part`: its number within the mail, as in
-- `attachments`. `done` of `total` bytes lie in the file `path`, relative to the profile.
CREATE TABLE mail.part_fetch (
    message INTEGER NOT NULL,
    part INTEGER NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (message, part)
) WITHOUT ROWID;

CREATE TRIGGER mail.message_gone AFTER DELETE ON message BEGIN
    DELETE FROM message_label WHERE message = old.id;
    DELETE FROM part_fetch WHERE message = old.id;
END;
CREATE TRIGGER mail.folder_gone AFTER DELETE ON folder BEGIN
    DELETE FROM message_label WHERE folder = old.id;
END;
