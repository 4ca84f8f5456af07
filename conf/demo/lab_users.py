# SPDX-License-Identifier: Apache-2.0
"""The users of a local core, through the HSS's own door: db/demo.ndjson, load users, AKA load users.

All digest users have an HA1 of MD5 alone: Debian's baresip and SIPp know nothing else, and give up when SHA-256 is offered
before it. A user added with a password has both."""
import hashlib
import http.client
import itertools
import json
import os
import ssl

from lab_conf import DOMAIN

DEMO = os.path.join(os.path.dirname(__file__), "..", "..", "db", "demo.ndjson")
LINES = 20000  # a request


def load_user(n):
    impi = f"user{n:06}@{DOMAIN}"
    ha1 = hashlib.md5(f"{impi}:{DOMAIN}:password{n:06}".encode()).hexdigest()
    return {"impi": impi, "credentials": {"scheme": "digest", "ha1": {"MD5": ha1}}, "identities": [{"impu": f"sip:{impi}"}]}


def aka_user(n):
    impi = f"aka{n:06}@{DOMAIN}"
    k, op = (hashlib.sha256(s.encode()).hexdigest()[:32] for s in (f"K:{impi}", f"OP:{DOMAIN}"))
    return {"impi": impi, "credentials": {"scheme": "aka", "k": k, "op": op, "amf": "8000", "sqn": 0}, "identities": [{"impu": f"sip:{impi}"}]}


def lines(users, aka):
    with open(DEMO) as f:
        yield from (line for line in f.read().splitlines() if line)
    for user in itertools.chain(map(load_user, range(1, users + 1)), map(aka_user, range(1, aka + 1))):
        yield json.dumps(user)


def post(door, token, body):
    door.request("POST", "/v1/subscribers", body, {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"})
    answer = door.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the HSS refuses the users: {answer.status} {text.decode()}")
    told = json.loads(text)
    if told["failed"]:
        raise RuntimeError(f"the HSS refuses {told['failed']} users, the first: {told['errors'][0]}")
    return told["loaded"]


def load(lab, users, aka):
    """Returns how many."""
    with open(lab.path("admin.token")) as f:
        token = f.read().strip()
    door = http.client.HTTPSConnection(lab.address("hss"), 8443, timeout=60,
                                       context=ssl.create_default_context(cafile=lab.path("pki", "ca.pem")))
    source, loaded = lines(users, aka), 0
    while body := "\n".join(itertools.islice(source, LINES)):
        loaded += post(door, token, body.encode())
    door.close()
    return loaded
