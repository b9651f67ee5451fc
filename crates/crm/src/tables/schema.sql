CREATE TABLE company (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, phone TEXT NOT NULL, since INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE company_domain (
  domain TEXT NOT NULL, company TEXT NOT NULL REFERENCES company ON DELETE CASCADE, position INTEGER NOT NULL,
  PRIMARY KEY (domain, company)
) WITHOUT ROWID;
CREATE INDEX company_domain_company ON company_domain (company, position);
CREATE TABLE person (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL, company TEXT REFERENCES company ON DELETE SET NULL
) WITHOUT ROWID;
CREATE INDEX person_company ON person (company);
-- `key` is the address in lower case.
CREATE TABLE person_email (
  key TEXT NOT NULL, person TEXT NOT NULL REFERENCES person ON DELETE CASCADE, email TEXT NOT NULL,
  position INTEGER NOT NULL, PRIMARY KEY (key, person)
) WITHOUT ROWID;
CREATE INDEX person_email_person ON person_email (person, position);
CREATE TABLE person_phone (
  person TEXT NOT NULL REFERENCES person ON DELETE CASCADE, position INTEGER NOT NULL, phone TEXT NOT NULL,
  PRIMARY KEY (person, position)
) WITHOUT ROWID;
CREATE TABLE sale (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, company TEXT NOT NULL, person TEXT NOT NULL, stage TEXT NOT NULL,
  stage_index INTEGER NOT NULL, stage_count INTEGER NOT NULL, probability INTEGER NOT NULL, amount INTEGER NOT NULL,
  currency TEXT NOT NULL, closes TEXT NOT NULL, open INTEGER NOT NULL, changed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sale_company ON sale (company, open, changed);
CREATE INDEX sale_person ON sale (person, open, changed);
CREATE TABLE project (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, company TEXT NOT NULL, open INTEGER NOT NULL, changed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX project_company ON project (company, open, changed);
-- `message_id` UNIQUE is what makes archiving a mail idempotent.
CREATE TABLE activity (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, date INTEGER NOT NULL, text TEXT NOT NULL,
  message_id TEXT UNIQUE, by TEXT NOT NULL, eml BLOB
) WITHOUT ROWID;
CREATE TABLE activity_record (
  kind TEXT NOT NULL, record TEXT NOT NULL, date INTEGER NOT NULL,
  activity TEXT NOT NULL REFERENCES activity ON DELETE CASCADE, PRIMARY KEY (kind, record, date, activity)
) WITHOUT ROWID;
CREATE INDEX activity_record_activity ON activity_record (activity);
-- Each folded word of a record's name: a search is a range over the key.
CREATE TABLE name_word (
  word TEXT NOT NULL, kind TEXT NOT NULL, record TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (word, kind, record)
) WITHOUT ROWID;
CREATE INDEX name_word_record ON name_word (kind, record);
