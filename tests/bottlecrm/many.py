"""Puts many people at one account, without the web server: `many.py ACCOUNT COUNT DOMAIN`."""

import sys

import django

django.setup()

from accounts.models import Account  # noqa: E402
from contacts.models import Contact  # noqa: E402

account = Account.objects.get(pk=sys.argv[1])
people = Contact.objects.bulk_create(
    Contact(
        org=account.org,
        account=account,
        first_name="Person",
        last_name=str(number),
        email=f"person{number}@{sys.argv[3]}",
    )
    for number in range(int(sys.argv[2]))
)
account.contacts.add(*people)
