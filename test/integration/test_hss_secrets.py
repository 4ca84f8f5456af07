# SPDX-License-Identifier: Apache-2.0
"""Nothing secret comes out: not in the store, its journal, logs, traces, metrics, answers, core dumps or the listing of processes."""
import base64
import hashlib
import itertools
import json
import os
import pathlib
import resource
import signal
import socket
import subprocess

import pytest

from aka import Isim, opc_of
from hss_alone import BIN, NET, another, until  # noqa: F401
from hss_alone import wire
from postgresql import Postgresql
from secrets_scan import Scan, forms
from test_hss_aka import User as Card
from test_hss_aka import milenage, tuak

pytestmark = pytest.mark.store("sqlite", "postgresql")


def ha1(impi, password):
    return {name: hashlib.new(algorithm, f"{impi}:ims.test:{password}".encode()).hexdigest() for name, algorithm in (("MD5", "md5"),
                                                                                                                     ("SHA-256", "sha256"))}


class Everything:
    """An HSS that is asked all that has to do with secrets; `answers` is what it said over REST, `scan` knows the secrets."""

    def __init__(self, another, directory, **named):
        self.scan, self.answers, self.names = Scan(), [], itertools.count()
        self.keys = {name: os.urandom(32).hex() for name in ("master key", "second master key", "third master key")}
        for name, key in self.keys.items():
            self.scan.add(name, key)
        path = directory / "master.key"
        path.write_text(self.keys["master key"])
        path.chmod(0o600)
        self.hss = another(options=f"master_key: {path}\ntrace: {{mode: all}}\n", **named)
        self.scan.add("token", self.hss.token())
        self.cx = self.hss.connect()
        self.traces, header = [], self.cx.header  # every question has a trace of its own

        def with_trace(trace=None):
            self.traces.append(f"trace-{len(self.traces)}")
            return header(self.traces[-1])
        self.cx.header = with_trace

    def secret(self, name, value):
        self.scan.add(f"{name} {next(self.names)}", value)
        return value

    def rest(self, method, path, body=None, **named):
        r = self.hss.rest(method, path, body, **named)
        self.answers.append((f"{method} {path} {r.status}", r.body))
        return r

    # ---- what is provisioned ----

    def put(self, impi, credentials, status=201):
        assert self.rest("PUT", f"/v1/subscribers/{impi}", {"identities": [{"impu": f"sip:{impi}"}], "credentials": credentials}).status == status

    def passwords(self):
        for n, password in enumerate(["correct horse battery", "p\u00e4ssw\u00f6rd & <more>", "0123456789abcdef"]):
            impi = f"password{n}@ims.test"
            self.secret("password", password)
            for hexadecimal in ha1(impi, password).values():
                self.secret("HA1", hexadecimal)
            self.put(impi, {"scheme": "digest", "password": password})
            assert self.cx.mar(impi, f"sip:{impi}").result == "SUCCESS"
        given = {name: self.secret("HA1", value) for name, value in ha1("given@ims.test", "of somebody else").items()}
        self.put("given@ims.test", {"scheme": "digest", "ha1": given})
        assert self.cx.mar("given@ims.test", "sip:given@ims.test").result == "SUCCESS"

    def cards(self):
        for made in (milenage(), tuak(), tuak(32, res=128)):
            card, credentials = made
            for name in ("k", "op", "opc", "top", "topc"):
                if name in credentials:
                    self.secret(name, credentials[name])
            self.secret("opc", card.opc)
            user = Card(self.hss, made)
            rand, autn, _ = user.ask(self.cx)[0]
            self.vector(card, rand)
            user.isim.sqn = 1 << 30
            for rand, _, _ in user.ask(self.cx, 5, rand + user.isim.auts(rand)):
                self.vector(card, rand)
            self.answers.append(("GET", self.rest("GET", f"/v1/subscribers/{user.impi}").body))

    def vector(self, card, rand):
        res, ck, ik, _, _ = card.f2345(rand)
        for name, value in (("RES", res), ("CK", ck), ("IK", ik)):
            self.secret(name, value)

    # ---- what is wrong ----

    def mistakes(self):
        k, op, password = self.secret("k", os.urandom(16).hex()), self.secret("op", os.urandom(16).hex()), self.secret("password", "wrongly written")
        for credentials in ({"scheme": "aka", "k": k + "00", "op": op}, {"scheme": "aka", "k": k[:-1], "op": op}, {"scheme": "aka", "k": k},
                            {"scheme": "aka", "k": "x" + k[1:], "op": op}, {"scheme": "aka", "k": k, "op": op, "opc": op}, {"scheme": k},
                            {"scheme": "aka", "algorithm": "tuak", "k": k, "top": op}, {"scheme": "digest", "password": password + "\n"},
                            {"scheme": "digest", "ha1": {"MD5": k + k}}, {"scheme": "digest", "password": password, "ha1": {"MD5": k}},
                            {"scheme": "aka", "k": k, "op": op, "amf": op}, {"scheme": "aka", "k": k, "op": op, "sqn": op}, password, [k]):
            self.put("wrong@ims.test", credentials, 422)
        for text in ('{"credentials": {"k": "%s" "op"', '{"credentials" "%s"', '{"k": %s}', '%s', '{"k": "%s", "k": 1}', '{"k": "%s'):
            assert self.rest("PUT", "/v1/subscribers/wrong@ims.test", text % k).status == 400
            lines = self.rest("POST", "/v1/subscribers", text % k + "\n", headers={"Content-Type": "application/x-ndjson"})
            assert lines.json["failed"] == 1
        assert self.rest("GET", "/v1/subscribers", token=self.secret("guessed token", "guess" * 8)).status == 401

    def keys_given(self):
        self.rest("POST", "/v1/key/rotate", {"key": self.secret("key with a mistake", os.urandom(31).hex())})
        self.rest("POST", "/v1/key/rotate", {"key": self.keys["second master key"]})
        until(lambda: self.rest("GET", "/v1/key").json["state"] == "steady", 20)
        self.rest("POST", "/v1/key/rotate", {"key": self.keys["second master key"]})

    def export(self):
        for path in ("/v1/subscribers?limit=1000", "/v1/identities", "/v1/subscribers?impu=sip:given@ims.test"):
            self.rest("GET", path)
        sealed = self.rest("GET", "/v1/subscribers", headers={"Accept": "application/x-ndjson"})
        assert b'"sealed"' in sealed.body and b"given@ims.test" in sealed.body

    # ---- where it is looked for ----

    def doors(self):
        h = self.hss
        for path in ("/metrics", "/health", "/live", "/trace", "/explain"):
            yield path, h.ops(path).body
        for trace in self.traces:
            body = h.ops(f"/trace/{trace}").body
            yield trace, body
            messages = json.loads(body)
            assert {m["summary"][:3] for m in messages} == {"MAR", "MAA"} and {m["encoding"] for m in messages} == {"hex"}, messages
            for m in messages:
                yield trace, bytes.fromhex(m["message"])
        for name in ("cmdline", "environ", "comm"):
            yield name, open(f"/proc/{h.process.pid}/{name}", "rb").read()


def test_a_scan_finds_what_it_looks_for(tmp_path):
    """In every form, in the middle of something else; else the tests below would prove nothing."""
    scan, key = Scan(), os.urandom(16)
    scan.add("key", key.hex())
    for data in (key, key.hex().encode(), key.hex().upper().encode(), key[::-1], *(base64.b64encode(b"x" * n + key + b"tail") for n in range(3)),
                 *(base64.urlsafe_b64encode(b"x" * n + key) for n in range(3))):
        (tmp_path / "file").write_bytes(os.urandom(1000) + data + os.urandom(1000))
        assert scan.look_in_files(tmp_path) == [("key", tmp_path / "file")]
        assert scan.look_in_files(tmp_path, {"file": ["key"]}) == []
    (tmp_path / "file").write_bytes(os.urandom(100000))
    assert scan.look_in_files(tmp_path) == []
    assert all(len(f) >= 6 for f in forms("short!"))


@pytest.fixture
def server(store):
    """A PostgreSQL that has nothing else in it, where that is the store."""
    server = Postgresql() if store == "postgresql" else None
    yield server
    if server:
        server.remove()


def test_no_secret_lies_in_the_store_or_comes_out_of_any_door(another, tmp_path, server):
    e = Everything(another, tmp_path, **({"store": server.new_database()} if server else {}))
    h = e.hss
    e.passwords()
    e.cards()
    e.mistakes()
    e.keys_given()
    e.export()
    assert len(e.scan.forms) > 500 and len(e.traces) >= 10
    found = [hit for where, data in list(e.doors()) + e.answers for hit in e.scan.look(where, data)]
    assert not found, found
    control = Scan()
    control.add("no secret", "given@ims.test")
    assert server or "hss.db-wal" in [where.name for _, where in control.look_in_files(h.state)]
    h.kill()  # the journal of the store stays
    mine = {"master.key": ["second master key"], "admin.token": ["token"]}
    assert not (found := e.scan.look_in_files(tmp_path, mine)), found
    h.start()
    h.stop()
    assert server or "hss.db" in [where.name for _, where in control.look_in_files(h.state)]
    assert not (found := e.scan.look_in_files(tmp_path, mine)), found
    if server:
        server.stop()  # writes all of it
        server.start()
        (oid,), = server.sql("postgres", "SELECT oid FROM pg_database WHERE datname LIKE 'hss%'")
        for directory in (f"base/{oid}", "pg_wal"):
            assert control.look_in_files(server.data / directory)  # here it lies
            assert not (found := e.scan.look_in_files(server.data / directory)), found
        assert not (found := e.scan.look(server.dir / "log", (server.dir / "log").read_bytes())), found


# ---- the process ----

def cores_can_be_dumped(directory):
    """Whether a process that aborts there leaves a core."""
    p = subprocess.Popen(["sleep", "60"], cwd=directory, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2))
    p.send_signal(signal.SIGABRT)
    p.wait()
    left = [f for f in directory.iterdir() if "core" in f.name]
    for f in left:
        f.unlink()
    return bool(left)


@pytest.mark.store("sqlite")
def test_an_hss_that_aborts_leaves_no_core(another, tmp_path):
    cores = tmp_path / "cores"
    cores.mkdir()
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    except (ValueError, OSError):
        pytest.skip("core dumps are off for good in this run")
    can = cores_can_be_dumped(cores)
    h = another(under=["sh", "-c", f'cd {cores} && ulimit -c unlimited && exec "$@"', "sh"])
    h.put("a@ims.test", credentials={"scheme": "digest", "password": "in its memory"})
    limits = pathlib.Path(f"/proc/{h.process.pid}/limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")] == [["0", "0"]]
    h.process.send_signal(signal.SIGABRT)
    assert h.process.wait(20) == -signal.SIGABRT
    h.process = None
    assert not list(cores.iterdir())
    if not can:
        pytest.skip("no process leaves a core here: the limit alone was seen")


@pytest.mark.store("sqlite")
def test_keys_on_the_command_line_of_imsctl_are_gone_once_it_has_read_them(tmp_path):
    k, top = os.urandom(16).hex(), os.urandom(32).hex()
    (tmp_path / "token").write_text("t" * 32)
    (tmp_path / "k").write_text(k + "\n")
    with socket.create_server((f"{NET}.17", 0)) as silent:
        (tmp_path / "imsctl.yaml").write_text(f"domain: ims.test\nhss: https://{NET}.17:{silent.getsockname()[1]}\ntoken_file: {tmp_path}/token\n")
        for given in (["--k", k, f"--top={top}"], ["--k", f"@{tmp_path}/k", "--top", top]):
            with subprocess.Popen([BIN / "imsctl", "--config", tmp_path / "imsctl.yaml", "subscriber", "add", "a@ims.test", *given],
                                  stderr=subprocess.DEVNULL) as p:
                connection, _ = silent.accept()  # it has read its arguments and waits for an answer
                line = open(f"/proc/{p.pid}/cmdline", "rb").read()
                p.kill()
                connection.close()
            assert k[:6].encode() not in line and top[:6].encode() not in line
            assert b"--k\0" in line and b"*" * 64 in line


@pytest.mark.store("sqlite")
def test_a_key_from_a_file_is_the_key(another, tmp_path):
    h = another()
    k, op = os.urandom(16), os.urandom(16)
    (tmp_path / "k").write_text(k.hex() + "\n")
    config = tmp_path / "imsctl.yaml"
    config.write_text(f"domain: ims.test\nhss: https://{h.address}:8443\nca: {h.pki}.crt\ntoken_file: {h.state}/admin.token\n")
    done = subprocess.run([BIN / "imsctl", "--config", config, "subscriber", "add", "f@ims.test", "--k", f"@{tmp_path}/k", "--op", "@-"],
                          input=op.hex() + "\n", capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done
    item = h.connect().mar("f@ims.test", "sip:f@ims.test", "Digest-AKAv1-MD5").inner(wire.SIP_AUTH_DATA_ITEM)
    challenge = item.get(wire.SIP_AUTHENTICATE).data
    assert Isim(k, opc_of(k, op)).answer(challenge[:16], challenge[16:]) == ("res", item.get(wire.SIP_AUTHORIZATION).data)
    done = subprocess.run([BIN / "imsctl", "--config", config, "subscriber", "add", "g@ims.test", "--k", "@/nowhere", "--op", op.hex()],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "/nowhere: No such file" in done.stderr
