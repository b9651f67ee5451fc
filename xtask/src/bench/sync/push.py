"""Delivers mails one after the other, and prints when each was delivered and when its row was in the store, one mail a line, in
seconds since 1970. The first, for which the store may not be ready, is not told of."""

import os
import socket
import sqlite3
import sys
import time

user, lmtp, store, rounds = sys.argv[1:]


def deliver(message_id):
    mail = f"From: Ola <ola@kunde.example>\r\nTo: <{user}>\r\nSubject: New\r\nMessage-ID: {message_id}\r\n\r\nA new mail.\r\n."
    with socket.socket(socket.AF_UNIX) as lmtpd:
        lmtpd.connect(lmtp)
        answers = lmtpd.makefile("rb")
        answers.readline()
        for command in ("LHLO here", "MAIL FROM:<ola@kunde.example>", f"RCPT TO:<{user}>", "DATA", mail, "QUIT"):
            began = time.time()
            lmtpd.sendall(command.encode() + b"\r\n")
            while answers.readline()[3:4] == b"-":
                pass
            if command == mail:
                sent = began
    return sent


def stored(db, message_id, patience):
    until = time.time() + patience
    query = "SELECT 1 FROM message WHERE message_id IN (?, ?)"
    while time.time() < until:
        if db.execute(query, (message_id, message_id.strip("<>"))).fetchone():
            return time.time()
        time.sleep(0.001)
    raise SystemExit("the mail did not come into the store")


db = sqlite3.connect(f"file:{store}?mode=ro", uri=True, isolation_level=None)
for number in range(int(rounds) + 1):
    message_id = f"<push-{number}-{os.getpid()}@kunde.example>"
    sent = deliver(message_id)
    row = stored(db, message_id, 60 if number == 0 else 20)
    if number > 0:
        print(sent, row)
    # Dovecot gathers what comes close together.
    time.sleep(1.3 + number % 7 / 10)
