"""A private BottleCRM, as the tests' world starts it. Standard input, one JSON a line: first the members of its one
organisation, `[{"email", "name", "role", "tokens": [{"raw", "scopes"}]}]`, then what is to be done to it,
`{"revoke": raw}` or `{"many": count, "account": id, "domain": name}`. Standard output: the port, then a line for each.
Where the input ends, so does this: nothing is left behind by a test that was killed."""

import json
import os
import sys
import threading

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Account  # noqa: E402
from common.models import Org, PersonalAccessToken, Profile, User  # noqa: E402
from contacts.models import Contact  # noqa: E402


def seed(members):
    call_command("migrate", run_syncdb=True, verbosity=0)
    org = Org.objects.create(name="Nord AS", default_currency="EUR", timezone="Europe/Oslo")
    for member in members:
        user = User.objects.create_user(email=member["email"], password=None, name=member["name"])
        profile = Profile.objects.create(user=user, org=org, role=member["role"], is_active=True)
        for token in member["tokens"]:
            PersonalAccessToken.objects.create(
                org=org,
                profile=profile,
                name="test",
                # Only the hash of a token is kept, so the test may choose its text.
                token_hash=PersonalAccessToken.hash_token(token["raw"]),
                token_prefix=token["raw"][:13],
                scopes=token["scopes"],
                created_by=user,
            )


def do(wish):
    if "revoke" in wish:
        token = PersonalAccessToken.hash_token(wish["revoke"])
        PersonalAccessToken.objects.filter(token_hash=token).update(revoked_at=timezone.now())
    if "many" in wish:
        account = Account.objects.get(pk=wish["account"])
        people = Contact.objects.bulk_create(
            Contact(
                org=account.org,
                account=account,
                first_name="Person",
                last_name=str(number),
                email=f"person{number}@{wish['domain']}",
            )
            for number in range(wish["many"])
        )
        account.contacts.add(*people)
    connection.close()


def obey():
    for line in sys.stdin:
        do(json.loads(line))
        print("{}", flush=True)
    os._exit(0)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


seed(json.loads(sys.stdin.readline()))
server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
server.set_app(get_wsgi_application())
threading.Thread(target=obey, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
