# SPDX-License-Identifier: Apache-2.0
"""The files of the containers, without containers: what conf/docker holds makes a core that works. `make compose-demo` does it with Docker."""
import os
import re
import shutil
import socket
import subprocess

import pytest

from conftest import NETS
from core import BIN, DAEMONS, ROOT, SLOW, until
from phone import Phone
from transport import tls_client

NET, THEIRS = NETS[3], "10.77.0"
DOCKER = os.path.join(ROOT, "conf", "docker")
DNS_PORT = 5300  # a test need not be root


def text_of(*path):
    with open(os.path.join(ROOT, *path)) as f:
        return f.read()


def moved(text, lab, name):
    """To loopback, with directories of its own in place of volumes."""
    text = text.replace("dns: %s.16" % THEIRS, "dns: %s.16:%d" % (NET, DNS_PORT)).replace(THEIRS + ".", NET + ".")
    text = text.replace("/var/lib/minims", "%s/%s" % (lab, name)).replace("/run/minims/admin", lab + "/admin")
    return text.replace("domain:", "state: %s/%s/state\ndomain:" % (lab, name)) if name in DAEMONS else text


class Containers:
    def __init__(self, lab):
        self.lab, self.processes = str(lab), {}
        for name in ("ca", "admin", *DAEMONS):
            os.mkdir(self.path(name), 0o700)
        self.once("pki.sh", LAB=self.lab)

    def path(self, *parts):
        return os.path.join(self.lab, *parts)

    def once(self, script, *arguments, **environment):
        p = subprocess.run([os.path.join(DOCKER, script), *arguments], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)
        assert p.returncode == 0, p.stderr
        return p.stdout

    def configuration(self, file, name, more=""):
        with open(self.path(file), "w") as f:
            f.write(moved(text_of("conf", "docker", file), self.lab, name) + more)
        return self.path(file)

    def run(self, name, *command):
        with open(self.path(name + ".log"), "w") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def healthy(self, name):
        assert self.processes[name].poll() is None, "%s ended: %s" % (name, text_of(self.path(name + ".log"))[-1000:])
        return subprocess.run([os.path.join(BIN, name), "-c", self.path(name + ".yaml"), "--health"], capture_output=True).returncode == 0

    def start_dns(self):
        more = "listen-address=%s.16\nbind-interfaces\nport=%d\n" % (NET, DNS_PORT)
        dnsmasq = shutil.which("dnsmasq", path=os.environ["PATH"] + ":/usr/sbin")
        self.run("dns", dnsmasq, "--conf-file=" + self.configuration("dnsmasq.conf", "dns", more))

    def start(self, name):
        self.run(name, os.path.join(BIN, name), "-c", self.configuration(name + ".yaml", name))
        until(lambda: self.healthy(name), 15 * SLOW, lambda: "%s healthy: %s" % (name, text_of(self.path(name + ".log"))[-1000:]))

    def make_users(self):
        """users.sh asks for the HSS by its name, which only the containers' resolver knows."""
        with open(self.path(".curlrc"), "w") as f:
            f.write("resolve = hss.ims.test:8443:%s.14\n" % NET)
        return self.once("users.sh", os.path.join(ROOT, "db", "demo.ndjson"), ADMIN=self.path("admin"), CURL_HOME=self.lab)

    def stop(self):
        """The status of each."""
        for p in self.processes.values():
            p.terminate()
        return {name: p.wait(20 * SLOW) for name, p in self.processes.items()}


@pytest.fixture
def containers(tmp_path):
    c = Containers(tmp_path)
    yield c
    c.stop()


def test_the_configuration_files_of_the_containers_make_a_core(loop, containers):
    containers.start_dns()
    containers.start("hss")
    assert containers.make_users().splitlines() == ['made: {"impi": "alice@ims.test"', 'made: {"impi": "bob@ims.test"']
    assert all(line.startswith("there already") for line in containers.make_users().splitlines())
    for name in ("icscf", "scscf", "pcscf"):
        containers.start(name)
    tls = tls_client(containers.path("pcscf", "pki", "ca.pem"))
    alice = Phone(loop, NET + ".51", (NET + ".11", 5060), "alice", "alice")
    bob = Phone(loop, NET + ".52", (NET + ".11", 5061), "bob", "bob", transport="tls", tls=tls, tls_name="pcscf.ims.test")
    for p in (alice, bob):
        p.algorithm = "MD5"
        assert p.register().status == 200
    call = alice.invite(bob)
    bob.ring().accept()
    call.established().hang_up()
    for p in (alice, bob):
        p.close()
        p.check()
    with socket.socket() as s:  # the core speaks TLS alone
        assert s.connect_ex((NET + ".12", 5060)) != 0
    assert set(containers.stop().values()) == {0}


def test_a_daemon_sees_its_own_key_alone(containers):
    keys = [os.path.join(d, f) for d, _, files in os.walk(containers.lab) for f in files if "PRIVATE KEY" in text_of(d, f)]
    assert sorted(os.path.relpath(k, containers.lab) for k in keys) == ["ca/ca.key"] + sorted("%s/pki/%s.pem" % (d, d) for d in DAEMONS)
    assert not any(os.stat(k).st_mode & 0o077 for k in keys)
    before = {k: text_of(k) for k in keys}
    containers.once("pki.sh", LAB=containers.lab)
    assert {k: text_of(k) for k in keys} == before


def test_compose_and_the_configuration_name_the_same_addresses():
    service = r"^  (\w+):.*\n(?:    .*\n|\n)*?    networks: \{ims: \{ipv4_address: ([\d.]+)\}\}"
    services = dict(re.findall(service, text_of("docker-compose.yml"), re.M))
    zone = dict(re.findall(r"^host-record=(\w+)\.ims\.test,([\d.]+)$", text_of("conf", "docker", "dnsmasq.conf"), re.M))
    assert services == zone and set(zone) == {"dns", *DAEMONS}
    for name in DAEMONS:
        text = text_of("conf", "docker", name + ".yaml")
        assert re.search(r"^  address: %s:9090$" % re.escape(zone[name]), text, re.M) and "dns: %s\n" % zone["dns"] in text


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="no docker-compose")
def test_compose_reads_the_file():
    p = subprocess.run(["docker-compose", "-f", os.path.join(ROOT, "docker-compose.yml"), "config", "-q"], capture_output=True, text=True)
    assert p.returncode == 0, p.stderr
