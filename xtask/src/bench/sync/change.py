"""Changes a mailbox as its owner's other programs would: turns "seen" of 200 mails over and adds 50 mails. Prints how many
mails of the inbox are unseen afterwards."""

import email.utils
import imaplib
import os
import sys

port, user, round_number = sys.argv[1:]
imap = imaplib.IMAP4("127.0.0.1", int(port))
imap.login(user, os.environ["PASSWORD"])


def change(folder, count):
    exists = int(imap.select(f'"{folder}"')[1][0])
    first = 1 + int(round_number) * 37 % max(1, exists - count)
    wanted = f"{first}:{min(exists, first + count - 1)}"
    told = imap.fetch(wanted, "(FLAGS)")[1]
    for seen, how in ((True, "-FLAGS.SILENT"), (False, "+FLAGS.SILENT")):
        numbers = [line.split()[0].decode() for line in told if (b"\\Seen" in line) == seen]
        if numbers:
            assert imap.store(",".join(numbers), how, "(\\Seen)")[0] == "OK"


def add(folder, count):
    exists = int(imap.select(f'"{folder}"')[1][0])
    told = imap.fetch(f"{max(1, exists - count + 1)}:{exists}", "(BODY.PEEK[])")[1]
    mails = [part[1] for part in told if isinstance(part, tuple)]
    for number in range(count):
        mail = mails[number % len(mails)]
        head, body = mail.split(b"\r\n\r\n", 1)
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"message-id:", b"date:"))]
        lines.append(b"Message-ID: <change-%d-%d-%s@peer.example>" % (int(round_number), number, folder.encode()))
        lines.append(b"Date: " + email.utils.formatdate().encode())
        assert imap.append(f'"{folder}"', None, None, b"\r\n".join(lines) + b"\r\n\r\n" + body)[0] == "OK"


change("INBOX", 150)
change("Archive", 50)
add("INBOX", 40)
add("Archive", 10)
imap.select("INBOX", readonly=True)
print(len(imap.search(None, "UNSEEN")[1][0].split()))
imap.logout()
