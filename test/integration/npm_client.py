# SPDX-License-Identifier: Apache-2.0
"""A Diameter client that is neither ours nor freeDiameter: the npm package `diameter`, driven over a pipe. test/diameter/npm/

It is installed at the first use, in the versions of package-lock.json, beside the binaries that are tested. Where the registry cannot be
reached the tests that need it fail and say so; NO_NPM=1 leaves them out.
"""
import contextlib
import fcntl
import json
import os
import queue
import shutil
import subprocess
import threading

import pytest

from hss_alone import BIN, CLIENT, ROOT

SOURCE, HOME = ROOT / "test/diameter/npm", BIN.parent / "npm"
CX, SH = "Cx", "Sh"


def install():
    """The package in HOME; once for each version of the lock file."""
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, mark = (SOURCE / "package-lock.json").read_text(), HOME / "installed"
        for f in SOURCE.iterdir():
            shutil.copy(f, HOME)
        if mark.exists() and mark.read_text() == wanted:
            return
        p = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1",
                            "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"], cwd=HOME, capture_output=True, text=True, timeout=120)
        assert p.returncode == 0, "npm could not install the independent Diameter client (is its registry reachable? NO_NPM=1 leaves these " \
            f"tests out):\n{p.stdout}{p.stderr}"
        mark.write_text(wanted)


class Answer:
    """AVPs as [name, value or AVPs], as the package decoded them."""

    def __init__(self, told):
        self.error, self.proxiable, self.avps = told.get("error"), told.get("proxiable"), told["avps"]

    def all(self, name, avps=None):
        return [v for n, v in (self.avps if avps is None else avps) if n == name]

    def get(self, *path):
        """The value at Name/Name/…, None when it is not there; it may be there once."""
        avps = self.avps
        for name in path:
            found = self.all(name, avps)
            assert len(found) < 2, f"{name} occurs {len(found)} times"
            if not found:
                return None
            avps = found[0]
        return avps

    @property
    def result(self):
        """2001, or ("3GPP", 2001) for an experimental one."""
        base, experimental = self.get("Result-Code"), self.get("Experimental-Result")
        assert (base is None) != (experimental is None), self.avps
        return base if base is not None else ({10415: "3GPP"}[self.get("Experimental-Result", "Vendor-Id")],
                                              self.get("Experimental-Result", "Experimental-Result-Code"))


class Client:
    def __init__(self, hss, identity, source=CLIENT):
        install()
        self.identity = identity
        self.ids, self.pushes, self.answers = 0, queue.Queue(), queue.Queue()
        self.process = subprocess.Popen(["node", "client.js", hss.address, "3868", source, identity, "ims.test"], cwd=HOME, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ, NODE_NO_WARNINGS="1"))
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.cea = Answer({"avps": self.take(self.answers)["ready"]})

    def read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            (self.pushes if "push" in told else self.answers).put(told)
        self.answers.put({"failed": self.process.stderr.read() or "it ended"})

    @staticmethod
    def take(box, within=10):
        try:
            told = box.get(timeout=within)
        except queue.Empty:
            raise AssertionError(f"nothing came in {within} s") from None
        assert "failed" not in told, told["failed"]
        return told

    def ask(self, application, command, *avps):
        self.ids += 1
        self.process.stdin.write(json.dumps({"id": self.ids, "application": application, "command": command, "avps": avps}) + "\n")
        self.process.stdin.flush()
        told = self.take(self.answers)
        assert told["id"] == self.ids and "answer" in told, told
        assert told["answer"]["command"] == command
        return Answer(told["answer"])

    def pushed(self, command):
        """The next question of the server's, which the client has answered."""
        told = self.take(self.pushes)
        assert told["push"] == command, told
        return Answer(told)

    def close(self):
        """By DPR; its end is part of the test."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            status = self.process.wait(10)
        finally:
            self.process.kill()
        assert status == 0, self.process.stderr.read()


def needs_npm():
    if os.environ.get("NO_NPM") == "1":
        pytest.skip("NO_NPM=1")


@pytest.fixture(scope="module")
def scscf(hss):
    """The independent client as an S-CSCF."""
    needs_npm()
    c = Client(hss, "npm-scscf.ims.test")
    yield c
    c.close()
