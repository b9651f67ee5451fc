"""Reads the newest fifty mails of the inbox and keeps nothing. Prints the milliseconds from connecting on."""

import imaplib
import os
import ssl
import sys
import time

server, authority, user = sys.argv[1:]
host, port = server.rsplit(":", 1)
start = time.perf_counter()
imap = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl.create_default_context(cafile=authority))
imap.login(user, os.environ["PASSWORD"])
imap.list()
count = int(imap.select("INBOX", readonly=True)[1][0])
newest = f"{max(1, count - 49)}:{count}"
for what in ("(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])", "(UID BODY.PEEK[])"):
    status, found = imap.fetch(newest, what)
    assert status == "OK" and len(found) >= 50
print(round((time.perf_counter() - start) * 1000, 1))
imap.logout()
