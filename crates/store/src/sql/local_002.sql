-- Signing in with a provider, certificates accepted by hand, and by its Message-ID the mail that a draft answers: rows
-- of mail.db are numbered anew where it is fetched again.
ALTER TABLE account ADD COLUMN oauth TEXT;

CREATE TABLE certificate (
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    -- Of the whole certificate, 32 bytes.
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    PRIMARY KEY (host, port, sha256)
) WITHOUT ROWID;

ALTER TABLE draft ADD COLUMN answered TEXT NOT NULL DEFAULT '';
UPDATE draft SET answered = in_reply_to;
ALTER TABLE outbox ADD COLUMN answered TEXT NOT NULL DEFAULT '';
UPDATE outbox SET answered = coalesce((SELECT in_reply_to FROM draft WHERE draft.outbox = outbox.id), '');
