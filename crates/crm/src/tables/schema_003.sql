-- A list by name is a range over these.
CREATE INDEX company_name ON company (name COLLATE NOCASE, id);
CREATE INDEX person_name ON person (name COLLATE NOCASE, id);
CREATE INDEX sale_name ON sale (name COLLATE NOCASE, id);
CREATE INDEX project_name ON project (name COLLATE NOCASE, id);
CREATE TABLE selection (id TEXT PRIMARY KEY, name TEXT NOT NULL, members INTEGER) WITHOUT ROWID;
CREATE TABLE selection_member (
  selection TEXT NOT NULL, kind TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (selection, kind, record)
) WITHOUT ROWID;
CREATE INDEX selection_member_record ON selection_member (kind, record);
CREATE TABLE stage (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, position INTEGER NOT NULL, probability INTEGER NOT NULL, open INTEGER NOT NULL
) WITHOUT ROWID;
-- A file by itself: its key here makes keeping it idempotent, its bytes are where a mail's are.
ALTER TABLE activity ADD COLUMN file TEXT;
ALTER TABLE activity ADD COLUMN mime TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX activity_file ON activity (file) WHERE file IS NOT NULL;
