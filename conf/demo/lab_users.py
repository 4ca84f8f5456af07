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
import urllib.parse

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


def door_of(lab, name):
    return http.client.HTTPSConnection(lab.address(name), 8443, timeout=60, context=ssl.create_default_context(cafile=lab.path("pki", "ca.pem")))


def load_into(lab, name, token, source):
    door, loaded = door_of(lab, name), 0
    while body := "\n".join(itertools.islice(source, LINES)):
        loaded += post(door, token, body.encode())
    door.close()
    return loaded


def tell_slf(lab, token, routes):
    door = door_of(lab, "slf")
    for name, hss in routes.items():
        door.request("PUT", "/v1/slf/" + urllib.parse.quote(name, safe=""), json.dumps({"hss": f"{hss}.{DOMAIN}"}),
                     {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        answer = door.getresponse()
        if answer.status not in (200, 201):
            raise RuntimeError(f"the SLF refuses {name}: {answer.status} {answer.read().decode()}")
        answer.read()
    door.close()


def load(lab, users, aka):
    """Returns how many. With an SLF the load users are the second HSS's."""
    with open(lab.path("admin.token")) as f:
        token = f.read().strip()
    if not lab.slf:
        return load_into(lab, "hss", token, lines(users, aka))
    tell_slf(lab, token, {DOMAIN: "hss", "tel:+1!.*!": "hss", f"sip:user!.*!@{DOMAIN}": "hss2", f"user!.*!@{DOMAIN}": "hss2"})
    return load_into(lab, "hss", token, lines(0, aka)) + load_into(lab, "hss2", token, map(json.dumps, map(load_user, range(1, users + 1))))
