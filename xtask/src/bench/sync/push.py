"""Delivers mails one after the other and prints, one a line, how much later the row of each is in the store than a plain
IDLE connection hears of it, in milliseconds. The first is not counted."""

import os
import socket
import sqlite3
import sys
import threading
import time

port, user, lmtp, store, rounds = sys.argv[1:]
heard = threading.Event()
when = {}


def listen():
    idle = socket.create_connection(("127.0.0.1", int(port)))
    lines = idle.makefile("rb")
    lines.readline()
    for command in (f"a LOGIN {user} {os.environ['PASSWORD']}", "b SELECT INBOX"):
        idle.sendall(command.encode() + b"\r\n")
        while not lines.readline().startswith(command[:2].encode()):
            pass
    idle.sendall(b"c IDLE\r\n")
    for line in lines:
        if line.startswith(b"+"):
            ready.set()
        if b" EXISTS" in line:
            when["heard"] = time.perf_counter()
            heard.set()


def deliver(message_id):
    mail = (
        f"From: Ola <ola@kunde.example>\r\nTo: <{user}>\r\nSubject: New\r\nMessage-ID: {message_id}\r\n\r\nA new mail.\r\n.\r\n"
    )
    with socket.socket(socket.AF_UNIX) as lmtpd:
        lmtpd.connect(lmtp)
        answers = lmtpd.makefile("rb")
        answers.readline()
        for command in ("LHLO here", "MAIL FROM:<ola@kunde.example>", f"RCPT TO:<{user}>", "DATA", mail, "QUIT"):
            lmtpd.sendall(command.rstrip("\r\n").encode() + b"\r\n")
            while answers.readline()[3:4] == b"-":
                pass


def stored(db, message_id, patience):
    until = time.perf_counter() + patience
    while time.perf_counter() < until:
        found = db.execute("SELECT 1 FROM message WHERE message_id IN (?, ?)", (message_id, message_id.strip("<>"))).fetchone()
        if found:
            return time.perf_counter()
        time.sleep(0.001)
    raise SystemExit("the mail did not come into the store")


ready = threading.Event()
threading.Thread(target=listen, daemon=True).start()
assert ready.wait(20)
db = sqlite3.connect(f"file:{store}?mode=ro", uri=True, isolation_level=None)
for number in range(int(rounds) + 1):
    heard.clear()
    message_id = f"<push-{number}-{os.getpid()}@kunde.example>"
    deliver(message_id)
    row = stored(db, message_id, 60 if number == 0 else 20)
    assert heard.wait(20)
    if number > 0:
        print(round((row - when["heard"]) * 1000, 1))
    # Dovecot gathers what comes close together.
    time.sleep(1.7)
