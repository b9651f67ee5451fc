-- The CRM that the records in a row are of, as in archive.link; 0: the embedded one. What is there is of the one in use now.
ALTER TABLE outbox ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET link = coalesce((SELECT id FROM crm_link WHERE ended IS NULL), 0);
ALTER TABLE rule ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
UPDATE rule SET link = coalesce((SELECT id FROM crm_link WHERE ended IS NULL), 0);
