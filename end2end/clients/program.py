"""Lists partners, events and tickets with the client that openapi-python-client made of the document."""

import os
import sys

from eventify_client import AuthenticatedClient
from eventify_client.api.events import event_list
from eventify_client.api.partners import partner_list
from eventify_client.api.tickets import ticket_list

client = AuthenticatedClient(base_url=os.environ["EVENTIFY_API"], token=os.environ["EVENTIFY_TOKEN"])
counts = []
for operation in (partner_list, event_list, ticket_list):
    answer = operation.sync_detailed(client=client, limit=20)
    if answer.status_code != 200 or not answer.parsed.items:
        sys.exit(f"{operation.__name__}: {answer.status_code} {answer.content[:300]!r}")
    # Everything is of a type of its own, enumerations and times too.
    answer.parsed.to_dict()
    counts.append(len(answer.parsed.items))
print("read", *counts)
