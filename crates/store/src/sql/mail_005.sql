-- Mails by record and by keyword, customers' mails that are not archived, private mails, mails that rules are to look at.

-- Never archived in the CRM; follows local.db.
ALTER TABLE mail.message ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
-- 1: rules have not looked at it yet.
ALTER TABLE mail.message ADD COLUMN unweighed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX mail.message_unweighed ON message (id) WHERE unweighed = 1;

ALTER TABLE mail.mark ADD COLUMN customer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mail.mark ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
UPDATE mail.mark SET customer = 1
    WHERE id IN (SELECT id FROM mail.message INDEXED BY message_customer WHERE crm_state = 1);
CREATE INDEX mail.mark_private ON mark (id) WHERE private = 1;
CREATE INDEX mail.mark_unarchived ON mark (folder, id) WHERE customer = 1 AND archived = 0 AND private = 0;
CREATE INDEX mail.mark_customer_unread ON mark (folder) WHERE customer = 1 AND seen = 0;

-- How many customers' mails of the folder are not archived.
ALTER TABLE mail.folder ADD COLUMN unarchived INTEGER NOT NULL DEFAULT 0;
UPDATE mail.folder SET unarchived = (SELECT count(*) FROM mail.mark k INDEXED BY mark_unarchived
    WHERE k.folder = folder.id AND k.customer = 1 AND k.archived = 0 AND k.private = 0);

CREATE TRIGGER mail.mark_insert AFTER INSERT ON mark WHEN new.customer = 1 AND new.archived = 0 AND new.private = 0 BEGIN
    UPDATE folder SET unarchived = unarchived + 1 WHERE id = new.folder;
END;
CREATE TRIGGER mail.mark_delete AFTER DELETE ON mark WHEN old.customer = 1 AND old.archived = 0 AND old.private = 0 BEGIN
    UPDATE folder SET unarchived = unarchived - 1 WHERE id = old.folder;
END;
CREATE TRIGGER mail.mark_update AFTER UPDATE OF folder, customer, archived, private ON mark
    WHEN (old.customer = 1 AND old.archived = 0 AND old.private = 0)
        OR (new.customer = 1 AND new.archived = 0 AND new.private = 0)
BEGIN
    UPDATE folder SET unarchived = unarchived - (old.customer = 1 AND old.archived = 0 AND old.private = 0)
        WHERE id = old.folder;
    UPDATE folder SET unarchived = unarchived + (new.customer = 1 AND new.archived = 0 AND new.private = 0)
        WHERE id = new.folder;
END;

DROP TRIGGER mail.message_insert;
DROP TRIGGER mail.message_update;
CREATE TRIGGER mail.message_insert AFTER INSERT ON message BEGIN
    INSERT INTO mark (id, folder, seen, flagged, answered, files, customer, private)
        VALUES (new.id, new.folder, new.seen, new.flagged, new.answered, new.attachment_count > 0, new.crm_state = 1,
            new.private);
    UPDATE folder SET total = total + 1, unread = unread + (new.seen = 0), flagged = flagged + new.flagged,
        customers = customers + (new.crm_state = 1), strangers = strangers + (new.crm_state = 2) WHERE id = new.folder;
END;
CREATE TRIGGER mail.message_update
AFTER UPDATE OF folder, seen, flagged, answered, attachment_count, crm_state, private ON message
BEGIN
    UPDATE mark SET folder = new.folder, seen = new.seen, flagged = new.flagged, answered = new.answered,
        files = new.attachment_count > 0, customer = new.crm_state = 1, private = new.private WHERE id = new.id;
    UPDATE folder SET total = total - 1, unread = unread - (old.seen = 0), flagged = flagged - old.flagged,
        customers = customers - (old.crm_state = 1), strangers = strangers - (old.crm_state = 2) WHERE id = old.folder;
    UPDATE folder SET total = total + 1, unread = unread + (new.seen = 0), flagged = flagged + new.flagged,
        customers = customers + (new.crm_state = 1), strangers = strangers + (new.crm_state = 2) WHERE id = new.folder;
END;

-- Which records a mail has to do with; written with the pills. 0: a company, 1: a person, 2: a sale, 3: a project.
CREATE TABLE mail.mail_record (
    kind INTEGER NOT NULL,
    record TEXT NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (kind, record, message)
) WITHOUT ROWID;
CREATE INDEX mail.mail_record_message ON mail_record (message);
UPDATE mail.message SET pills_stale = 1
    WHERE id IN (SELECT id FROM mail.message INDEXED BY message_customer WHERE crm_state = 1);

-- In lower case.
CREATE TABLE mail.keyword (
    keyword TEXT NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (keyword, message)
) WITHOUT ROWID;
INSERT OR IGNORE INTO mail.keyword (keyword, message)
    SELECT w.value, m.id
    FROM mail.message m INDEXED BY message_keywords,
        json_each('[' || replace(json_quote(lower(m.keywords)), ' ', '","') || ']') w
    WHERE m.keywords <> '' AND w.value <> '';
DROP INDEX mail.message_keywords;
CREATE TRIGGER mail.keyword_insert AFTER INSERT ON message WHEN new.keywords <> '' BEGIN
    INSERT OR IGNORE INTO keyword (keyword, message)
        SELECT value, new.id FROM json_each('[' || replace(json_quote(lower(new.keywords)), ' ', '","') || ']')
        WHERE value <> '';
END;
CREATE TRIGGER mail.keyword_update AFTER UPDATE OF keywords ON message WHEN old.keywords <> new.keywords BEGIN
    DELETE FROM keyword WHERE message = old.id AND keyword IN
        (SELECT value FROM json_each('[' || replace(json_quote(lower(old.keywords)), ' ', '","') || ']'));
    INSERT OR IGNORE INTO keyword (keyword, message)
        SELECT value, new.id FROM json_each('[' || replace(json_quote(lower(new.keywords)), ' ', '","') || ']')
        WHERE value <> '';
END;

DROP TRIGGER mail.message_gone;
CREATE TRIGGER mail.message_gone AFTER DELETE ON message BEGIN
    DELETE FROM message_label WHERE message = old.id;
    DELETE FROM part_fetch WHERE message = old.id;
    DELETE FROM mail_record WHERE message = old.id;
    DELETE FROM keyword WHERE message = old.id AND keyword IN
        (SELECT value FROM json_each('[' || replace(json_quote(lower(old.keywords)), ' ', '","') || ']'));
END;
