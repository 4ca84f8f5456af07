# SPDX-License-Identifier: Apache-2.0
"""Seeded mutations of REST requests, and who sends them: the same seed gives the same requests.

requests(seed, n) yields Request objects made of good ones for every resource: another method, path, query, header or body, JSON with something
in it that is not as it was, octets wrong anywhere, lengths that do not fit. harass() sends them to an HSS over TLS.
"""
import collections
import json
import random
import socket
import ssl

VALUES = [None, True, -1, 0, 1 << 62, -(1 << 63), 0.5, "", "x" * 5000, "<ServiceProfile>", "\u0000", "\ud7ff\uffff", [], {}, [[[[]]]], {"a": {"b": []}},
          ["x"] * 40, "sip:" + "a" * 250 + "@x", "sip:%00@x", "sip:%zz@x", "tel:+", "%s%n"]


def mutated(r, value):
    """The value with something in it that is not as it was."""
    if isinstance(value, dict) and value and r.random() < 0.9:
        key = r.choice(list(value))
        other = dict(value)
        if r.random() < 0.15:
            other[r.choice(["", "impi", key + "x", "\u00fc"])] = other.pop(key)
        else:
            other[key] = mutated(r, value[key])
        return other
    if isinstance(value, list) and value and r.random() < 0.8:
        i = r.randrange(len(value))
        return value[:i] + [mutated(r, value[i])] * r.choice([1, 1, 2, 20]) + value[i + 1:]
    if isinstance(value, str) and value and r.random() < 0.5:
        i = r.randrange(len(value))
        return value[:i] + r.choice(["", "<", "&", "\"", "\u2028", "\u0001", "]]>", "@", ";"]) + value[i + r.randrange(2):]
    return r.choice(VALUES)


# ---- good requests ----

SPT = {"group": 0, "method": "INVITE"}
CRITERION = {"profile": "fuzz", "priority": 7, "server": "sip:as.ims.test", "trigger": {"cnf": True, "spts": [SPT]}}
SUBSCRIBER = {"credentials": {"scheme": "digest", "password": "fuzz-secret-word"}, "identities": [{"impu": "sip:{}@fuzz.test", "barred": False, "set": 1}],
              "capabilities": {"mandatory": [1], "optional": [2], "servers": ["sip:s"]}, "visited_networks": ["a.test"],
              "charging": {"primary_ccf": "aaa://ccf.ims.test"}, "cloud": [{"provider": "lab", "user": "u", "services": {"compute": 1}}]}
CHARGING = {"primary_ccf": "aaa://ccf.ims.test", "secondary_ecf": "aaa://ecf.ims.test"}
JSON, MERGE, NDJSON = "application/json", "application/merge-patch+json", "application/x-ndjson"
LISTS = ["subscribers", "identities", "profiles", "filter-criteria", "charging", "cloud-profiles", "scscf", "slf", "imports"]
QUERIES = ["limit=1", "limit=-1", "limit=99999999999999999999", "after=%ff%00", "cursor=zz", "dry_run=true", "dry-run=maybe", "q=%27;--",
           "=", "&&&", "x" * 3000]
METHODS = ["GET", "PUT", "PATCH", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "get", "G" * 300, "P\u00dcT"]
HEADERS = [("If-Match", '"1"'), ("If-Match", "*"), ("If-Match", 'W/"x'), ("If-None-Match", "*"), ("Content-Type", "text/plain"), ("Content-Type", ""),
           ("Accept", "application/xml"), ("Accept", "," * 500), ("Expect", "100-continue"), ("Authorization", "Bearer"), ("Authorization", "Basic eA=="),
           ("Authorization", "Bearer " + "x" * 9000), ("Host", "@:["), ("Cookie", "a" * 20000), ("Connection", "close"), ("X\u00dc", "\u0001")]
LENGTHS = ["0", "-1", "1", "99999999999999999999", "0x10", "4294967296", ""]


class Request:
    """`framed`: where it ends is certain, so an answer has to come."""

    def __init__(self, method, path, body=None, content_type=JSON):
        self.method, self.path, self.body, self.framed = method, path, body, True
        self.headers = [("Host", "hss.ims.test"), ("Content-Type", content_type)]

    def octets(self, token):
        headers = self.headers + ([] if any(n == "Authorization" for n, _ in self.headers) else [("Authorization", f"Bearer {token}")])
        body = b"" if self.body is None else self.body
        if not any(n.lower() in ("content-length", "transfer-encoding") for n, _ in headers):
            headers.append(("Content-Length", str(len(body))))
        head = f"{self.method} {self.path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers) + "\r\n"
        return head.encode("utf-8", "surrogatepass") + body


def good(r):
    n = r.randrange(50)
    impi = f"m{n}@fuzz.test"
    subscriber = json.loads(json.dumps(SUBSCRIBER).replace("{}", f"m{n}"))
    kinds = [("GET", f"/v1/{r.choice(LISTS)}", None), ("GET", f"/v1/subscribers/{impi}", None), ("PUT", f"/v1/subscribers/{impi}", subscriber),
             ("PUT", f"/v1/subscribers/{impi}", subscriber), ("PATCH", f"/v1/subscribers/{impi}", {"visited_networks": ["b.test"], "charging": None}),
             ("DELETE", f"/v1/subscribers/{impi}", None), ("POST", "/v1/subscribers", {"impi": impi, **subscriber}),
             ("PATCH", f"/v1/identities/sip:m{n}@fuzz.test", {"barred": True, "display_name": "M"}), ("GET", f"/v1/identities/sip:m{n}@fuzz.test", None),
             ("PUT", "/v1/profiles/fuzz", {"media_profile": 4, "criteria": [{k: v for k, v in CRITERION.items() if k != "profile"}]}),
             ("GET", "/v1/profiles/fuzz", None), ("POST", "/v1/filter-criteria", CRITERION), ("PUT", f"/v1/charging/{impi}", CHARGING),
             ("PUT", "/v1/charging-default", CHARGING), ("PUT", f"/v1/cloud-profiles/{impi}/lab", {"user": "u", "services": {"compute": 2}}),
             ("PUT", "/v1/scscf/s1", {"name": "sip:scscf1.ims.test", "capabilities": [1, 2]}), ("DELETE", f"/v1/registrations/{impi}", None),
             ("PUT", "/v1/slf/sip:a@fuzz.test", {"hss": "hss1.ims.test"}), ("POST", "/v1/subscribers", [subscriber])]
    while True:
        method, path, body = r.choice(kinds)
        if method != "DELETE" or not r.randrange(4):  # else there is nobody left
            return method, path, body


# ---- mutators ----

def other_json(r, q, body):
    for _ in range(r.choice([1, 1, 2, 3])):
        body = mutated(r, body)
    q.body = json.dumps(body, ensure_ascii=r.random() < 0.5).encode("utf-8", "surrogatepass")


def other_octets(r, q, body):
    b = bytearray(json.dumps(body).encode())
    what = r.randrange(6)
    if what == 0:
        b[r.randrange(len(b))] = r.randrange(256)
    elif what == 1:
        del b[r.randrange(len(b)):]
    elif what == 2:
        at = r.randrange(len(b))
        b[at:at] = r.choice([b"\x00", b"\xff\xfe", b"\\u0000", b"\\ud800", b"}", b"]", b",", b"\"", b"1e999", b"NaN"])
    elif what == 3:
        b = bytearray(r.choice([b"[", b'{"a":', b"{\"a\":["]) * r.choice([100, 3000, 60000]))
    elif what == 4:
        b = bytearray(b'{"impi": "' + b"x" * r.choice([70000, 1100000]) + b'"}')
    else:
        b = bytearray(b"")
    q.body = bytes(b)


def other_lines(r, q, body):
    """A bulk load, a line of it not as it should be."""
    lines = [json.dumps({"impi": f"m{i}@fuzz.test", "identities": [{"impu": f"sip:m{i}@fuzz.test"}]}).encode() for i in range(r.randrange(1, 8))]
    i = r.randrange(len(lines))
    wrong = json.dumps(mutated(r, json.loads(lines[i]))).encode()
    lines[i] = r.choice([b"", b"{}", b"null", b"[1]", b"{\"impi\": \"", lines[i] * 2, wrong, b"x" * 300000])
    q.method, q.path, q.body = "POST", "/v1/subscribers", r.choice([b"\n", b"\r\n", b"\n\n", b"\r"]).join(lines)
    q.headers[1] = ("Content-Type", NDJSON)


def other_path(r, q, body):
    what = r.randrange(5)
    if what == 0:
        q.path += "?" + "&".join(r.choice(QUERIES) for _ in range(r.choice([1, 2, 30])))
    elif what == 1:
        at = r.randrange(len(q.path) + 1)
        strange = r.choice(["%", "%00", "%2f", "%zz", "/", "//", "..", "\\", "#", "*", "\u00fc", "@", "a" * 9000])
        q.path = q.path[:at] + strange + q.path[at + r.randrange(2):]
    elif what == 2:
        q.path = r.choice(["*", "", "http://hss.ims.test/v1/subscribers", "/v1", "/", "/v2/subscribers", "/v1/" + "a/" * 500])
    elif what == 3:
        q.path = q.path.rsplit("/", r.choice([1, 2]))[0]
    else:
        q.path += "/" + r.choice(["", "x", "..", "%2e%2e", "sip:a@b", "0"])


def other_method(r, q, body):
    q.method = r.choice(METHODS)


def other_header(r, q, body):
    header = r.choice(HEADERS)
    q.headers = [h for h in q.headers if h[0] != header[0] or r.random() < 0.2] + [header] * r.choice([1, 1, 2, 100])


def other_length(r, q, body):
    q.headers += [("Content-Length", r.choice(LENGTHS))] * r.choice([1, 1, 2])
    q.framed = False


def other_chunks(r, q, body):
    q.headers.append(("Transfer-Encoding", r.choice(["chunked", "chunked", "gzip", "chunked, chunked", ""])))
    data = q.body or b""
    q.body = r.choice([b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data), b"%x\r\n%s" % (len(data) + 5, data), b"zz\r\n", b"-1\r\n\r\n",
                       b"ffffffffffffffffff\r\n", b"0\r\n"])
    q.framed = False


def merge_patch(r, q, body):
    q.method = "PATCH"
    q.headers[1] = ("Content-Type", MERGE)
    other_json(r, q, body)


MUTATORS = [other_json] * 8 + [other_octets] * 3 + [other_lines, other_path, other_path, other_method, other_header, other_header, other_length,
                                                    other_chunks, merge_patch]


def requests(seed, n):
    r = random.Random(seed)
    for _ in range(n):
        method, path, body = good(r)
        q = Request(method, path, None if body is None else json.dumps(body).encode())
        for mutator in r.choices(MUTATORS, k=r.choice([0, 1, 1, 1, 2, 3])):
            mutator(r, q, body if body is not None else {"impi": "x"})
        yield q


# ---- the sender ----

class Malformed(Exception):
    pass


class Door:
    def __init__(self, address, context, source):
        raw = socket.create_connection((address, 8443), timeout=10, source_address=(source, 0))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls, self.rest = context.wrap_socket(raw, server_hostname="hss.ims.test"), b""

    def read(self, enough):
        while not enough(self.rest):
            more = self.tls.recv(65536)
            if not more:
                raise ConnectionError("closed by the HSS")
            self.rest += more

    def ask(self, octets, method="GET"):
        """(status, headers, body) of the final answer."""
        self.tls.sendall(octets)
        while True:
            self.read(lambda b: b"\r\n\r\n" in b)
            head, self.rest = self.rest.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1").split("\r\n")
            version, status = lines[0].split(" ")[:2]
            if version not in ("HTTP/1.1", "HTTP/1.0") or not status.isdigit():
                raise Malformed(lines[0])
            if status != "100":
                break
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        length = 0 if method == "HEAD" or status == "204" else int(headers["content-length"])
        self.read(lambda b: len(b) >= length)
        body, self.rest = self.rest[:length], self.rest[length:]
        if headers.get("connection", "").lower() == "close":
            self.close()
        return int(status), headers, body

    def close(self):
        self.tls.close()


def harass(hss, source, seed, n, every=16, progress=None):
    """Sends n requests; after every few a good one must be answered. A Counter of the answers' statuses, and of "closed"."""
    context = ssl.create_default_context(cafile=str(hss.pki))
    token, seen, door = hss.token(), collections.Counter(), None
    health = Request("GET", "/v1/subscribers?limit=1").octets(token)
    for i, q in enumerate(requests(seed, n), 1):
        try:
            door = door if door and door.tls.fileno() >= 0 else Door(hss.address, context, source)
            if not q.framed:
                door.tls.sendall(q.octets(token))
                door.tls.settimeout(0.02)
                door.tls.recv(1)
                raise ConnectionError("what comes next would be taken for its rest")
            status, headers, body = door.ask(q.octets(token), q.method)
            seen[status] += 1
            check(q, status, headers, body)
        except (OSError, ssl.SSLError):
            seen["closed"] += 1
            door.close()
            door = None
        if i % every == 0 or i == n:
            fresh = door if door and door.tls.fileno() >= 0 else Door(hss.address, context, source)
            assert fresh.ask(health)[0] == 200
            door = fresh
        if progress and i % progress == 0:
            print(f"  rest {i}/{n} {dict(seen)}", flush=True)
    door.close()
    return seen


def check(q, status, headers, body):
    """Whatever was asked, the answer is one of ours: a problem says its own status [RFC 9457 3.1.2], and none is our fault."""
    told = (q.method, q.path[:200], q.headers[1:], (q.body or b"")[:2000], status, body[:500])
    assert status < 500 or status == 501, told
    if headers.get("content-type") == "application/problem+json" and body:
        assert json.loads(body)["status"] == status, told
    assert b"fuzz-secret-word" not in body, told
