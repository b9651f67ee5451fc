"""Makes the tables and one organisation with its members, each with tokens that the test chose. Reads the members as JSON from
standard input: `[{"email", "name", "role", "tokens": [{"raw", "scopes"}]}]`."""

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from common.models import Org, PersonalAccessToken, Profile, User  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
org = Org.objects.create(name="Nord AS", default_currency="NOK", timezone="Europe/Oslo")
for member in json.load(sys.stdin):
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
