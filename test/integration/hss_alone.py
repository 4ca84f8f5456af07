# SPDX-License-Identifier: Apache-2.0
"""An HSS without a core around it: started in a directory of its own, provisioned over REST, asked over Cx. The fixtures are
imported by name: `from hss_alone import hss, cx`.

BIN: the directory of the daemons (default build/bin). Under a sanitizer a report, or a leak at the end, fails the test.
"""
import atexit
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import signal
import sqlite3
import ssl
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("BIN", ROOT / "build/bin"))
TOOLS = BIN.parent / "bin-test"
NET = os.environ.get("HSS_NET", f"127.37.{os.getpid() % 250 + 1}")  # runs do not meet
ADDRESS, CLIENT = f"{NET}.14", f"{NET}.13"

sys.path.insert(0, str(ROOT / "test/diameter"))
import wire  # noqa: E402
from postgresql import Postgresql  # noqa: E402


def until(condition, within=10, what="it"):
    """Polls: the first true value of condition(), or an AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not happen in {within} s"
        time.sleep(0.01)


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Hss:
    """One HSS; `state` is its directory, which may lie on a disk of the test's; `under`: a command that runs it and takes its place,
    a tracer; `store`: its line in the configuration, where it is not the embedded one."""

    def __init__(self, directory, state=None, address=ADDRESS, options="", under=(), store=None):
        self.store = store
        self.dir, self.state, self.address = pathlib.Path(directory), pathlib.Path(state or directory) / "state", address
        self.under = list(under)
        self.log, self.process, self.pki = self.dir / "hss.log", None, self.dir / "hss.pem"
        self.connections = []
        if not self.pki.exists():
            make_certificate(self.pki, "hss.ims.test", address)
        self.config = self.dir / "hss.yaml"
        self.config.write_text(f"""domain: ims.test
log: {{file: {self.log}, level: debug}}
ops: {{address: '{address}:9090'}}
state: {self.state}
tls: {{certificate: {self.pki}, ca: {self.pki}.crt}}
drain_s: 1
diameter: {{address: {address}, admit: [.ims.test]}}
{f"store: '{store}'" if store else ""}
{options}""")

    # ---- life ----

    def start(self):
        self.spawn()
        until(self.is_ready, 20, f"the start of {self.config}")
        return self

    def spawn(self):
        """The process, which may not be ready yet."""
        self.reports = self.dir / "sanitizer"
        leaks = 0 if self.under else 1  # LeakSanitizer is a tracer itself
        env = dict(os.environ, ASAN_OPTIONS=f"log_path={self.reports}:detect_leaks={leaks}",
                   LSAN_OPTIONS=f"suppressions={ROOT}/test/lsan.supp:print_suppressions=0",
                   UBSAN_OPTIONS=f"log_path={self.reports}:print_stacktrace=1")
        self.starts = self.log_text().count("event=ready")
        self.process = subprocess.Popen([*self.under, BIN / "hss", "-c", self.config], env=env, stdout=subprocess.DEVNULL,
                                        stderr=open(self.dir / "sanitizer.stderr", "w"))

    def is_ready(self):
        assert self.process.poll() is None, f"the HSS ended with {self.process.returncode}: {self.log_text()[-2000:]}"
        try:  # another's /health may answer at our address, not write our log
            return self.log_text().count("event=ready") > self.starts and self.ops("/health").status == 200
        except OSError:
            return False

    def stop(self, leaks=True):
        """As a service manager does. Its exit status, and what a sanitizer says, are part of every test. leaks=False: without what
        it says of leaks, where connections were cut with answers under way, a few of which the stack forgets."""
        if not self.process:
            return
        for c in self.connections:
            c.close()
        self.connections.clear()
        self.process.send_signal(signal.SIGTERM)
        status, self.process = self.process.wait(20), None
        self.assert_clean(leaks)
        if not leaks and status == 1 and list(self.dir.glob("sanitizer.[0-9]*")):
            return
        assert status == 0, f"the HSS ended with {status}: {self.log_text()[-2000:]}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None
        self.connections.clear()

    def assert_clean(self, leaks=True):
        for report in self.dir.glob("sanitizer.*"):
            text = report.read_text(errors="replace")
            if report.name == "sanitizer.stderr" and "runtime error" not in text:
                continue
            assert not leaks and "ERROR: LeakSanitizer" in text and text.count("ERROR: ") == 1, text[:6000]

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def database(self):
        return self.state / "hss.db"

    def rows(self, query):
        """What the database itself says, past the HSS."""
        if self.store:
            return postgresql().sql(self.store, query)
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()

    def change(self, statement):
        if self.store:
            return postgresql().sql(self.store, statement)
        with contextlib.closing(sqlite3.connect(self.database)) as db, db:
            db.execute(statement)

    def memory_kb(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1])

    # ---- doors ----

    def ops(self, path):
        c = http.client.HTTPConnection(self.address, 9090, timeout=10)
        try:
            c.request("GET", path)
            r = c.getresponse()
            return Reply(r.status, r.headers, r.read())
        finally:
            c.close()

    def metric(self, name):
        """The sum of a metric's cells whose name and labels begin with `name`."""
        return sum(float(line.split()[-1]) for line in self.ops("/metrics").body.decode().splitlines() if line.startswith(name))

    def token(self):
        return (self.state / "admin.token").read_text().strip()

    def rest(self, method, path, body=None, token=None, headers=None, timeout=60):
        c = http.client.HTTPSConnection(self.address, 8443, timeout=timeout, context=trusting(self.pki), source_address=(CLIENT, 0))
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        try:
            c.request(method, path, body, {"Authorization": f"Bearer {self.token() if token is None else token}",
                                           "Content-Type": "application/json", **(headers or {})})
            r = c.getresponse()
            return Reply(r.status, r.headers, r.read())
        finally:
            c.close()

    def put(self, impi, **members):
        """A subscriber, with an identity of its own unless it is given others."""
        members.setdefault("identities", [{"impu": f"sip:{impi}"}])
        r = self.rest("PUT", f"/v1/subscribers/{impi}", members)
        assert r.status in (200, 201), r
        return r.json

    def bulk(self, lines, timeout=120):
        return self.rest("POST", "/v1/subscribers", "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines),
                         headers={"Content-Type": "application/x-ndjson"}, timeout=timeout)

    def connect(self, identity="scscf.ims.test", source=CLIENT):
        c = wire.Connection(self.address, source, identity)
        self.connections.append(c)
        return c


def make_certificate(path, *names):
    alternative = ",".join(("IP:" if n[0].isdigit() else "DNS:") + n for n in names)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    f"/CN={names[0]}", "-addext", f"subjectAltName={alternative}", "-keyout", path, "-out", f"{path}.crt"],
                   check=True, capture_output=True)
    with open(path, "a") as f:
        f.write(pathlib.Path(f"{path}.crt").read_text())


def trusting(pem):
    return ssl.create_default_context(cafile=pem)


_postgresql = []


def postgresql():
    """The server of this run, started when first needed."""
    if not _postgresql:
        _postgresql.append(Postgresql())
        atexit.register(_postgresql[0].remove)
    return _postgresql[0]


def new_store(kind):
    """An empty store's line in the configuration."""
    return postgresql().new_database() if kind == "postgresql" else None


@pytest.fixture(scope="module")
def hss(tmp_path_factory, store):
    h = Hss(tmp_path_factory.mktemp("hss"), store=new_store(store)).start()
    yield h
    h.stop()


@pytest.fixture
def another(tmp_path, store):
    """Makes HSSs of the test's own, at an address beside that of `hss`; none outlives it. another(**what Hss takes)"""
    made = []

    def make(directory=tmp_path, address=f"{NET}.15", **named):
        named.setdefault("store", new_store(store))
        made.append(Hss(directory, address=address, **named))
        return made[-1].start()
    yield make
    for h in made:
        if h.process and h.process.poll() is None:
            h.kill()


@pytest.fixture(scope="module")
def cx(hss):
    """A Cx connection of an S-CSCF's; closed with the HSS."""
    return hss.connect()


_numbers = itertools.count(1)


@pytest.fixture
def user(hss):
    """A digest subscriber nobody else uses: user.impi, user.impu, user.tel in one implicit set."""
    return make_user(hss)


class User:
    def __init__(self, hss, **members):
        n = next(_numbers)
        self.impi, self.impu, self.tel, self.password = f"u{n}@ims.test", f"sip:u{n}@ims.test", f"tel:+1555{n:06}", f"secret-{n}-word"
        members.setdefault("credentials", {"scheme": "digest", "password": self.password})
        members.setdefault("identities", [{"impu": self.impu}, {"impu": self.tel}])
        self.shown = hss.put(self.impi, **members)


def make_user(hss, **members):
    return User(hss, **members)
