-- On top of the tables of records. `seen` is the filling that brought a row last: what a whole filling has not brought is
-- gone from the CRM. `print` tells a row that is new or other from one that was read again.
ALTER TABLE company ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE company ADD COLUMN print INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN print INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person_email ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sale ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sale ADD COLUMN print INTEGER NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN print INTEGER NOT NULL DEFAULT 0;
ALTER TABLE follow_up ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE follow_up ADD COLUMN print INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE activity ADD COLUMN print INTEGER NOT NULL DEFAULT 0;
ALTER TABLE selection ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE selection ADD COLUMN print INTEGER NOT NULL DEFAULT 0;
-- When its members were read, in seconds since 1970; 0: never.
ALTER TABLE selection ADD COLUMN "read" INTEGER NOT NULL DEFAULT 0;
-- A project can be several companies'.
CREATE TABLE project_of (
  company TEXT NOT NULL, project TEXT NOT NULL, PRIMARY KEY (company, project)
) WITHOUT ROWID;
CREATE INDEX project_of_project ON project_of (project);
-- Addresses and domains (`@fjordlys.no`) that the CRM knows nobody by, until when that is believed.
CREATE TABLE asked (key TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
