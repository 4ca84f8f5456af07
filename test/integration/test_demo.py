# SPDX-License-Identifier: Apache-2.0
"""The demonstration that a newcomer sees, with baresip: it ends 0, shows what it promises, and leaves no process. [README]"""
import json
import os
import re
import subprocess

import pytest

from conftest import NETS
from core import BIN, ROOT, runs
from test_running_a_core import ENVIRONMENT

PHONES = {"alice": "udp", "bob": "tls"}


def demo(run, *variables):
    p = subprocess.run(["make", "demo", "RUN=%s" % run, "BIN=" + BIN, "NET=" + NETS[1], *variables], cwd=ROOT, env={**ENVIRONMENT, "LC_ALL": "C.UTF-8", "COLUMNS": "120"},
                       capture_output=True, text=True, timeout=120)
    assert p.returncode == 0, p.stdout[-3000:] + p.stderr
    return p.stdout


def processes_at(net):
    """Those whose command line or sockets name the net."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                command = f.read()
        except OSError:
            continue
        if (net + ".").encode() in command:
            found.append((pid, command))
    return found


@pytest.mark.parametrize("variables", [(), ("SIP=tls", "CX=tls")])
def test_two_phones_register_call_write_and_leave(tmp_path, variables):
    """Digest over UDP and TLS; RTP from phone to phone, heard by its tone; MESSAGE; de-registration; the ladders of a registration and a call."""
    run = tmp_path / "run"
    said = demo(run, *variables)
    for name, transport in PHONES.items():
        assert re.search(r"sip:%s@ims\.test is registered over %s " % (name, transport), said), said
    assert sorted(re.findall(r"^ +(alice|bob)\S* heard the other's tone", said, re.M)) == ["alice"] * 2 + ["bob"] * 2 and "Hello Bob" in said and "know nobody any more" in said
    registration, call = said.split("== What happened")[1].split("== Then the first call")
    for word in ("REGISTER", "UAR", "MAR", "401", "SAR", "SAA 2001", "200"):
        assert word in registration, word
    for word in ("INVITE", "LIR", "180 Ringing", "ACK", "BYE"):
        assert word in call, word
    with open(run / "scscf.cdr") as f:
        records = [json.loads(line) for line in f]
    assert [r["type"] for r in records].count("call") == 4 and {r["result"] for r in records if r["type"] in ("call", "message")} <= {200, 202}
    for name in ("pcscf", "icscf", "scscf", "hss", "dns"):
        assert not (run / (name + ".pid")).exists() or not runs(int((run / (name + ".pid")).read_text()))
    assert not processes_at(NETS[1])


def test_another_address_for_phones(loop, tmp_path):
    """make up LISTEN=address: Gm is there and only there; the core stays where it is."""
    from phone import Phone
    net, run = NETS[1], tmp_path / "run"
    p = subprocess.run(["make", "up", "RUN=%s" % run, "BIN=" + BIN, "NET=" + net, "LISTEN=%s.77" % net, "USERS=0"], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert p.returncode == 0, p.stderr
    try:
        alice = Phone(loop, net + ".60", (net + ".77", 5060), "alice", "alice")
        bob = Phone(loop, net + ".61", (net + ".77", 5060), "bob", "bob")
        alice.register()
        bob.register()
        call = alice.invite(bob)
        leg = bob.ring().accept()
        call.established().hang_up()
        assert leg.invite.src[0] == net + ".77"
        alice.check()
        bob.check()
        alice.close()
        bob.close()
    finally:
        subprocess.run(["make", "down", "RUN=%s" % run], cwd=ROOT, env=ENVIRONMENT, capture_output=True, timeout=60)
