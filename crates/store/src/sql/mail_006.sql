-- Parts of the search index are put together sixteen at a time, no longer eight: a first sync writes each word twice and
-- not three times. What is left in parts, the upkeep puts together when mails stop coming.
INSERT INTO mail.fts (fts, rank) VALUES ('automerge', 16);
INSERT INTO mail.fts (fts, rank) VALUES ('crisismerge', 40);
INSERT INTO mail.beginning (beginning, rank) VALUES ('automerge', 16);
INSERT INTO mail.beginning (beginning, rank) VALUES ('crisismerge', 40);
