# SPDX-License-Identifier: Apache-2.0
"""Writers for an HSS that may die at any moment. Each stream is a thread on a connection of its own: it asks as long as somebody
answers, remembers what was acknowledged and what was still open at the end, and says afterwards what the HSS has lost.

    stream.begin()            a life of the HSS: the thread runs until the connection breaks
    stream.settle(), lost()   after the next start: [what was acknowledged and is not there]; what was open is looked up

No two streams share a subscriber. With `full` in force a refusal for want of room is no failure: what was refused is not done.
With `away` in force, when the database behind the HSS may be, TOO_BUSY and 503 are none either: nobody knows whether it is done, and
asking again makes it so. end() stops a stream while its HSS lives.
"""
import collections
import http.client
import json
import random
import ssl
import threading

from hss_alone import CLIENT, trusting, wire

REGISTRATION, USER_DEREGISTRATION = 1, 5
BROKEN = (OSError, http.client.HTTPException, wire.Malformed)


class Stream:
    def __init__(self, hss, name, seed):
        self.hss, self.name, self.random, self.acknowledged, self.refused = hss, name, random.Random(seed), 0, []
        self.thread, self.full, self.turned_away, self.away, self.ends = None, False, 0, False, False
        self.doubtful = set()

    def begin(self):
        self.connect()
        self.thread = threading.Thread(target=self.run, name=self.name, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.refused and not self.ends:
                self.step()
        except BROKEN:
            pass
        finally:
            self.disconnect()

    def refuse(self, what, for_want_of_room):
        if self.full and for_want_of_room:
            self.turned_away += 1
        else:
            self.refused.append(what)

    def is_away(self, answer, who):
        """The answer says that the database is."""
        if not self.away or answer not in ("TOO_BUSY", 503):
            return False
        self.turned_away += 1
        self.doubtful.add(who)
        return True

    def end(self):
        self.ends = True
        self.settle()

    def settle(self):
        """The connection broke: wait for the thread."""
        self.thread.join(20)
        assert not self.thread.is_alive(), f"{self.name} still waits"
        assert not self.refused, (self.name, self.refused)


class Registrations(Stream):
    """SARs, `window` of them in flight: each user is registered, de-registered, registered … [TS 29.228 6.1.2]"""

    def __init__(self, hss, name, seed, users, window=16):
        super().__init__(hss, name, seed)
        self.users, self.window = users, window
        self.registered = dict.fromkeys(users, False)  # as acknowledged
        self.touched, self.open = set(), {}  # open: hop-by-hop identifier -> user

    def connect(self):
        self.connection = wire.Connection(self.hss.address, CLIENT, f"{self.name}.ims.test")
        self.touched, self.open = set(), {}

    def disconnect(self):
        self.connection.sock.close()

    def step(self):
        busy = set(self.open.values())
        while len(self.open) < self.window:
            u = self.random.choice([u for u in self.users if u not in busy])
            kind = USER_DEREGISTRATION if self.registered[u] else REGISTRATION
            raw = self.connection.build_sar(u, f"sip:{u}", kind, server=f"sip:{self.name}.ims.test", available=1)
            self.open[wire.Message(raw).hop] = u
            busy.add(u)
            self.connection.send(raw)
        answer = self.connection.receive()
        u = self.open.pop(answer.hop)
        if self.is_away(answer.result, u):
            return None
        if answer.result != "SUCCESS" and not (u in self.doubtful and self.registered[u]):  # or it was done the first time
            return self.refuse((u, answer.result), answer.result == "UNABLE_TO_COMPLY")
        self.doubtful.discard(u)
        self.registered[u] = not self.registered[u]
        self.touched.add(u)
        self.acknowledged += 1

    def lost(self, all_of_them=False):
        """By LIR: whether the S-CSCF is told, or nobody is registered."""
        lost, unknown = [], set(self.open.values()) | self.doubtful
        with wire.Connection(self.hss.address, CLIENT, f"{self.name}-reads.ims.test") as c:
            for u in self.users if all_of_them else sorted(self.touched | unknown):
                answer = c.lir(f"sip:{u}")
                assert answer.result in ("SUCCESS", "cx:IDENTITY_NOT_REGISTERED"), answer
                there = answer.result == "SUCCESS" and answer.text(wire.SERVER_NAME) == f"sip:{self.name}.ims.test"
                if there != self.registered[u] and u not in unknown:
                    lost.append((u, self.registered[u]))
                self.registered[u] = there
        return lost


class Vectors(Stream):
    """MARs of AKA users, 1 to 5 vectors each; whoever resynchronises now and then does so with a number ahead. [TS 29.228 6.3]"""

    def __init__(self, hss, name, seed, users):
        super().__init__(hss, name, seed)
        self.users, self.vectors = users, collections.defaultdict(list)  # users: AkaUser; vectors by private identity, in order

    def connect(self):
        self.connection = wire.Connection(self.hss.address, CLIENT, f"{self.name}.ims.test")

    def disconnect(self):
        self.connection.sock.close()

    def step(self):
        user = self.random.choice(self.users)
        maa = self.connection.mar(user.impi, user.impu, "Digest-AKAv1-MD5", items=self.random.randint(1, 5),
                                  server=f"sip:{self.name}.ims.test")
        if self.is_away(maa.result, user.impi):
            return None
        if maa.result != "SUCCESS":
            return self.refuse((user.impi, maa.result), maa.result == "UNABLE_TO_COMPLY")
        self.vectors[user.impi] += user.vectors(maa)
        self.acknowledged += 1

    def lost(self, all_of_them=False):
        return []

    def sequence_numbers(self):
        """By private identity, in the order they were handed out; each vector is one that the USIM takes."""
        return {u.impi: u.usim.check(self.vectors[u.impi]) for u in self.users}


class Provisioning(Stream):
    """PUT, PATCH and DELETE of subscribers over one TLS connection; what GET shows is compared. [RFC 9110 9.3]"""

    def __init__(self, hss, name, seed, subscribers=40):
        super().__init__(hss, name, seed)
        self.impis = [f"{name}{i}@ims.test" for i in range(subscribers)]
        self.model = dict.fromkeys(self.impis)  # the networks it may visit, or None: it is not there
        self.touched, self.open = set(), None
        self.number = 0

    def connect(self):
        self.http = http.client.HTTPSConnection(self.hss.address, 8443, timeout=10, context=trusting(self.hss.pki), source_address=(CLIENT, 0))
        self.headers = {"Authorization": f"Bearer {self.hss.token()}", "Content-Type": "application/json"}
        self.touched, self.open = set(), None

    def disconnect(self):
        self.http.close()

    def ask(self, method, impi, body=None):
        self.http.request(method, f"/v1/subscribers/{impi}", json.dumps(body) if body else None, self.headers)
        r = self.http.getresponse()
        return r.status, r.read()

    def step(self):
        impi = self.random.choice(self.impis)
        self.number += 1
        networks = [f"n{self.number}.test"]
        if self.model[impi] is None:
            method, new, body = "PUT", networks, {"identities": [{"impu": f"sip:{impi}"}], "visited_networks": networks}
        else:
            method, new, body = self.random.choice([
                ("PUT", networks, {"identities": [{"impu": f"sip:{impi}"}], "visited_networks": networks}),
                ("PATCH", networks, {"visited_networks": networks}), ("DELETE", None, None)])
        self.open = (impi, new)
        status, text = self.ask(method, impi, body)
        self.open = None
        repeated = self.is_away(status, impi)
        while status == 503 and repeated:  # reading would not tell: what is on the disk may not be shown yet when the database dies
            if self.ends:
                return None
            status, text = self.ask(method, impi, body)
        if repeated and method == "DELETE" and status == 404:
            status = 204  # done the first time
        if status not in (200, 201, 204):
            return self.refuse((method, impi, status, text[:300]), status == 503 and b"full" in text)
        self.doubtful.discard(impi)
        self.model[impi] = new
        self.touched.add(impi)
        self.acknowledged += 1

    def lost(self, all_of_them=False):
        lost = []
        self.connect_to_read()
        for impi in sorted(set(self.impis if all_of_them else self.reads()) - self.doubtful):
            status, text = self.ask("GET", impi)
            shown = json.loads(text)["visited_networks"] if status == 200 else None
            assert status in (200, 404), (impi, status)
            if shown != self.model[impi] and not (self.unknown and self.unknown == (impi, shown)):
                lost.append((impi, self.model[impi], shown))
            self.model[impi] = shown
        self.disconnect()
        return lost

    def connect_to_read(self):
        touched, self.unknown = self.touched, self.open
        self.connect()
        self.touched = touched

    def reads(self):
        return self.touched | ({self.unknown[0]} if self.unknown else set())


class Loads(Provisioning):
    """Bulk loads: one that was answered is there to the last line; of one that was not, nobody can say."""

    def __init__(self, hss, name, seed, lines=30):
        super().__init__(hss, name, seed, 0)
        self.lines = lines

    def step(self):
        self.number += 1
        impis = [f"{self.name}{self.number}-{i}@ims.test" for i in range(self.lines)]
        text = "\n".join(json.dumps({"impi": u, "identities": [{"impu": f"sip:{u}"}], "visited_networks": ["bulk.test"]}) for u in impis)
        self.http.request("POST", "/v1/subscribers", text, {**self.headers, "Content-Type": "application/x-ndjson"})
        r = self.http.getresponse()
        done = json.loads(r.read())
        if r.status != 200 or done["loaded"] != self.lines:
            return self.refuse((r.status, done), False)
        self.impis += impis
        self.touched |= set(impis)
        self.model.update(dict.fromkeys(impis, ["bulk.test"]))
        self.acknowledged += 1
