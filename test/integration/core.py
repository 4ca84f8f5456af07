# SPDX-License-Identifier: Apache-2.0
"""A real core for tests: started by conf/demo/lab.py in a directory of its own, watched by a capture, inspected at its end.

BIN: the directory of the daemons (default build/bin; build/asan/bin under the sanitizers).
"""
import contextlib
import hashlib
import http.client
import itertools
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

from aka import Isim, opc_of
from capture import Capture, Wire
from phone import Phone
from transport import tls_client

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.path.realpath(os.environ.get("BIN", os.path.join(ROOT, "build", "bin")))
LAB = os.path.join(ROOT, "conf", "demo", "lab.py")
HOSTS = {"pcscf": 11, "icscf": 12, "scscf": 13, "hss": 14, "dns": 16, "scscf2": 23, "slf": 24, "hss2": 25}
DAEMONS = ["hss", "icscf", "scscf", "pcscf"]
REPORT = re.compile(r"^.*(?:ERROR: (?:Address|Leak|Undefined)\w*Sanitizer|runtime error: ).*$", re.M)
SLOW = 4 if "asan" in BIN else 1  # how much longer things may take
_next_core = itertools.count()


def until(condition, within=10, what="it"):
    """Polls: the first true value of condition()."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "%s did not happen in %g s" % (what() if callable(what) else what, within)
        time.sleep(0.01)


def state_of(pid):
    """R, S, T, Z as ps has it; X when it is gone."""
    try:
        with open("/proc/%s/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def runs(pid):
    """A zombie does not."""
    return state_of(pid) not in "ZX"


class Core:
    """`options`: what lab.py's --set takes, "scscf:registration.min_s=1"."""

    def __init__(self, loop, directory, net, sip="tcp", cx="tcp", users=20, aka=4, options=(), capture=True, slf=False):
        self.loop, self.run, self.net, self.sip, self.cx = loop, str(directory), net, sip, cx
        self.phones, self.killed, self.hosts = [], set(), itertools.count(60)
        self.users, self.aka_users = itertools.count(1), itertools.count(1)
        self.capture = Capture(net, self.run + ".pcap") if capture else None
        self.daemons = (["hss2", "slf"] if slf else []) + DAEMONS
        arguments = (["--slf"] if slf else []) + ["--net", net, "--sip", sip, "--cx", cx, "--users", str(users), "--aka", str(aka)]
        for o in options:
            arguments += ["--set", o]
        try:
            self.lab("up", "--bin", BIN, *arguments)
        except Exception:
            self.lab("down")
            raise

    # ---- processes ----

    def lab(self, command, *arguments):
        """lab.py; AssertionError with what it said when it fails."""
        p = subprocess.run([sys.executable, LAB, command, *arguments, "--run", self.run], capture_output=True, text=True, timeout=60)
        assert p.returncode == 0, "%s: %s%s" % (command, p.stdout, p.stderr)
        return p.stdout

    def address(self, name):
        return "%s.%d" % (self.net, HOSTS[name])

    def pid(self, name):
        with open("%s/%s.pid" % (self.run, name)) as f:
            return int(f.read())

    def kill(self, name):
        """SIGKILL; it stays dead until start()."""
        self.lab("kill", name)
        self.killed.add(name)

    def start(self, name):
        """Returns when all that live know each other again, which may take no longer than 5 s."""
        self.lab("start", name)
        self.killed.discard(name)
        until(lambda: not self.missing(), 5 * SLOW, lambda: "peers are down: %s" % self.missing())

    def kill_and_restart(self, name):
        self.kill(name)
        self.start(name)

    def missing(self):
        """(daemon, peer) that is down though the peer lives, by /health."""
        alive, names = [n for n in self.daemons if n not in self.killed], {n + ".ims.test": n for n in HOSTS}
        names.update({self.address(n): n for n in HOSTS})
        out = []
        for daemon in alive:
            peers = self.ops(daemon, "/health")["peers"]
            out += [(daemon, p["name"]) for p in peers if p["state"] != "up" and names.get(p["name"]) in alive]
        return out

    def restart(self, name):
        self.lab("restart", name)

    @contextlib.contextmanager
    def standing_still(self, name):
        """SIGSTOP, until each thread has obeyed; SIGCONT at the end of the block."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            until(lambda: all(state_of("%d/task/%s" % (pid, t)) in "Tt" for t in os.listdir("/proc/%d/task" % pid)), 5, "the stop")
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def is_alive(self, name):
        try:
            return runs(self.pid(name))
        except OSError:
            return False

    def memory_kb(self, name):
        with open("/proc/%d/status" % self.pid(name)) as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def log(self, name):
        try:
            with open("%s/%s.log" % (self.run, name), errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    # ---- doors ----

    def ops(self, name, path):
        try:
            with urllib.request.urlopen("http://%s:9090%s" % (self.address(name), path), timeout=5) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as e:  # 503 of /health
            text = e.read().decode()
        return json.loads(text) if path != "/metrics" else text

    def metric(self, name, series):
        """A value of /metrics; 0 when it is not there."""
        found = re.search("^%s (.*)$" % re.escape(series), self.ops(name, "/metrics"), re.M)
        return float(found.group(1)) if found else 0

    def rest(self, method, path, body=None, at="hss"):
        with open(self.run + "/admin.token") as f:
            token = f.read().strip()
        door = http.client.HTTPSConnection(self.address(at), 8443, timeout=10, context=ssl.create_default_context(cafile=self.ca))
        door.request(method, path, json.dumps(body) if body else None, {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = door.getresponse()
        text = answer.read()
        door.close()
        assert answer.status < 300, "%s %s: %d %s" % (method, path, answer.status, text.decode())
        return json.loads(text) if text else None

    def imsctl(self, *arguments):
        p = subprocess.run([os.path.join(BIN, "imsctl"), "--config", self.run + "/conf/imsctl.yaml", *arguments], capture_output=True, text=True, timeout=20)
        return p.stdout + p.stderr

    ca = property(lambda self: self.run + "/pki/ca.pem")

    # ---- phones ----

    def phone(self, user, password="", transport="udp", **kw):
        """One more phone, on an address of its own."""
        port, tls = (5061, tls_client(self.ca)) if transport == "tls" else (5060, None)
        kw.setdefault("ip", "%s.%d" % (self.net, next(self.hosts)))
        p = Phone(self.loop, proxy=(self.address("pcscf"), port), user=user, password=password, transport=transport, tls=tls, tls_name="pcscf.ims.test", **kw)
        self.phones.append(p)
        return p

    def new_phone(self, transport="udp", **kw):
        """With the next load user, whom nobody else uses."""
        n = next(self.users)
        return self.phone("user%06d" % n, "password%06d" % n, transport, **kw)

    def new_pair(self, one="udp", two="udp", **kw):
        """Two such phones, registered; `kw` is for the first."""
        alice, bob = self.new_phone(one, **kw), self.new_phone(two)
        alice.register()
        bob.register()
        return alice, bob

    def same_user(self, phone, transport="udp", **kw):
        """Another phone of that user."""
        return self.phone(phone.user, phone.password, transport, impu=phone.impu, **kw)

    def aka_phone(self, transport="udp", **kw):
        user = "aka%06d" % next(self.aka_users)
        k, op = (hashlib.sha256(s.encode()).digest()[:16] for s in ("K:%s@ims.test" % user, "OP:ims.test"))
        return self.phone(user, transport=transport, isim=Isim(k, opc_of(k, op)), **kw)

    def subscriber(self, name, password="secret", identities=None, at="hss", **more):
        """A subscriber of one's own making, by the HSS's door; `identities` default to one."""
        self.rest("POST", "/v1/subscribers", at=at, body={
            "impi": name + "@ims.test", "credentials": {"scheme": "digest", "password": password},
            "identities": identities or [{"impu": "sip:%s@ims.test" % name}], **more})

    def close_phones(self):
        """At the end of a test: each message they got was in order."""
        phones, self.phones = self.phones, []
        for p in phones:
            p.close()
        self.hosts = itertools.count(60) if next(self.hosts) > 200 else self.hosts
        for p in phones:
            p.check()

    # ---- what was seen ----

    def wire(self):
        addresses = {n: self.address(n) for n in HOSTS}
        return Wire(self.capture, addresses)

    def reports(self):
        """What the sanitizers said."""
        return [line for name in list(HOSTS) for line in REPORT.findall(self.log(name))]

    def stop(self):
        """Ends it: nobody died, nothing was reported, no process is left."""
        dead = [n for n in self.daemons if n not in self.killed and not self.is_alive(n)]
        ends = {n: self.log(n)[-2000:] for n in dead}
        pids = [(n, self.pid(n)) for n in HOSTS if os.path.exists("%s/%s.pid" % (self.run, n))]
        for p in self.phones:
            p.close()
        self.lab("down")
        if self.capture:
            self.capture.stop()
        assert not dead, "died: %s" % ends
        assert not self.reports(), "\n".join(self.reports())
        until(lambda: not [n for n, pid in pids if runs(pid)], 5, lambda: "the end of %s" % [n for n, pid in pids if runs(pid)])
