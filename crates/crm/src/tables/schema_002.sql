-- `version` is what a remote CRM wants back with a change; the embedded one needs none.
ALTER TABLE company ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE sale ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE sale ADD COLUMN pipeline TEXT NOT NULL DEFAULT '';
-- Times are seconds since 1970; `company`, `person`, `sale`, `project` are ids or empty.
CREATE TABLE follow_up (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, start INTEGER NOT NULL,
  "end" INTEGER NOT NULL, done INTEGER NOT NULL, company TEXT NOT NULL, person TEXT NOT NULL, sale TEXT NOT NULL,
  project TEXT NOT NULL, owner TEXT NOT NULL, version TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX follow_up_open ON follow_up (done, "end");
CREATE INDEX follow_up_company ON follow_up (company, done, "end") WHERE company <> '';
CREATE INDEX follow_up_person ON follow_up (person, done, "end") WHERE person <> '';
CREATE INDEX follow_up_sale ON follow_up (sale, done, "end") WHERE sale <> '';
CREATE INDEX follow_up_project ON follow_up (project, done, "end") WHERE project <> '';
