-- Row ids of messages are others (mail_004.sql, which came before this). Of a mail.db that was fetched anew, none is named.
UPDATE operation SET message = (SELECT new FROM mail.renumbered WHERE old = message)
    WHERE message IN (SELECT old FROM mail.renumbered);
UPDATE operation SET origin = (SELECT new FROM mail.renumbered WHERE old = origin)
    WHERE origin IN (SELECT old FROM mail.renumbered);
UPDATE operation_mail SET message = -(SELECT new FROM mail.renumbered WHERE old = message)
    WHERE message IN (SELECT old FROM mail.renumbered);
UPDATE operation_mail SET message = abs(message);
UPDATE undo SET message = (SELECT new FROM mail.renumbered WHERE old = message)
    WHERE message IN (SELECT old FROM mail.renumbered);
UPDATE draft SET message = (SELECT new FROM mail.renumbered WHERE old = message)
    WHERE message IN (SELECT old FROM mail.renumbered);
UPDATE outbox SET reply = (SELECT new FROM mail.renumbered WHERE old = reply)
    WHERE reply IN (SELECT old FROM mail.renumbered);
