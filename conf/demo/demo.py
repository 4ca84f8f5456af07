#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demonstration: a core of four daemons, two phones, a call. `make demo` calls this."""
import argparse
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

import lab
import lab_conf
from phone import Phone

TALK_S = 2
ALICE_HZ, BOB_HZ = 440, 880


def say(text):
    print(f"\n== {text}", flush=True)


def note(text):
    print(f"   {text}", flush=True)


# ---- what the core knows ----

def registrations(core, daemon):
    with urllib.request.urlopen(f"http://{core.address(daemon)}:9090/registrations", timeout=5) as answer:
        return json.load(answer)


def wait_forgotten(core):
    if not lab.wait_for(lambda: not registrations(core, "pcscf") and not registrations(core, "scscf"), 5):
        raise TimeoutError(f"still registered: {registrations(core, 'pcscf') or registrations(core, 'scscf')}")


def check_certificate(core, ca):
    """Debian's baresip encrypts but does not check whom it talks to, so this is done here."""
    context = ssl.create_default_context(cafile=ca)
    with socket.create_connection((core.address("pcscf"), 5061), timeout=5) as plain:
        with context.wrap_socket(plain, server_hostname=f"pcscf.{lab_conf.DOMAIN}") as s:
            return s.version(), s.getpeercert()["subjectAltName"]


# ---- the steps ----

def make_phones(core, directory):
    domain = lab_conf.DOMAIN
    shared = {"dns": f"{core.address('dns')}:{core.dns_port}", "ca": core.path("pki", "ca.pem")}
    alice = Phone(os.path.join(directory, "alice"), user=f"alice@{domain}", password="alice", address=f"{core.net}.51",
                  proxy=f"sip:{core.address('pcscf')}:5060;transport=udp", other=f"sip:bob@{domain}", tone=ALICE_HZ, **shared)
    bob = Phone(os.path.join(directory, "bob"), user=f"bob@{domain}", password="bob", address=f"{core.net}.52",
                proxy=f"sip:pcscf.{domain}:5061;transport=tls", other=f"sip:alice@{domain}", tone=BOB_HZ, **shared)
    return alice, bob


def register(core, phones):
    say("The phones register: REGISTER goes P-CSCF, I-CSCF, S-CSCF; the HSS knows the secret; a digest answers the challenge.")
    for p in phones:
        p.registered()
    for r in registrations(core, "pcscf"):
        note(f"{r['impu']} is registered over {r['flow']}, also known as {', '.join(r['identities'])}")


def call(caller, callee, uri, heard_by_callee, heard_by_caller):
    """Returns the Call-ID."""
    say(f"{caller.user} calls {uri}: the INVITE passes P, S, I, S and P-CSCF; sound flows from phone to phone.")
    caller.dial(uri)
    call_id = caller.wait_event("CALL_ESTABLISHED")["id"]
    callee.wait_event("CALL_ESTABLISHED")
    note("answered; RTP arrives at both:")
    for p in (caller, callee):
        p.wait_event("CALL_RTPESTAB")
        p.wait_sound(TALK_S)
    caller.hang_up()
    for p in (caller, callee):
        p.wait_event("CALL_CLOSED")
    for p, hertz in ((caller, heard_by_caller), (callee, heard_by_callee)):
        share = p.share_heard(hertz)
        note(f"{p.user} heard the other's tone of {hertz} Hz ({share:.0%} of the sound)")
        if share < 0.8:
            raise RuntimeError(f"{p.user} did not hear {hertz} Hz")
    note("hung up: BYE went through, both phones are free again")
    return call_id


def exchange_messages(alice, bob):
    say("They write to each other: MESSAGE takes the same way as a call.")
    for writer, reader, text in ((alice, bob, "Hello Bob, this is Alice."), (bob, alice, "Hello Alice, Bob here.")):
        writer.message(text)
        reader.wait_output(f'"{text}"')
        note(f"{reader.user} reads: {text}")


def deregister(core, phones):
    say("The phones leave: REGISTER with Expires 0.")
    for p in phones:
        if not p.end():
            raise TimeoutError(f"{p.user} did not end by itself")
    wait_forgotten(core)
    note("P-CSCF and S-CSCF know nobody any more")


def ladder(core, *what):
    command = [os.path.join(core.bin, "imsctl"), "--config", core.path("conf", "imsctl.yaml"), "trace", *what]
    subprocess.run(command, check=True)


def show(core, call_id):
    say("What happened, as the daemons saw it. First how alice registered, and how she left:")
    ladder(core, f"sip:alice@{lab_conf.DOMAIN}")
    say("Then the first call:")
    ladder(core, call_id)


def tell_story(core, directory):
    version, names = check_certificate(core, core.path("pki", "ca.pem"))
    note(f"the P-CSCF shows phones a certificate of the lab's CA for {', '.join(v for _, v in names)} ({version})")
    phones = alice, bob = make_phones(core, directory)
    try:
        register(core, phones)
        call_id = call(alice, bob, f"sip:bob@{lab_conf.DOMAIN}", ALICE_HZ, BOB_HZ)
        call(bob, alice, f"sip:+15550001@{lab_conf.DOMAIN};user=phone", BOB_HZ, ALICE_HZ)
        exchange_messages(alice, bob)
        deregister(core, phones)
    finally:
        for p in phones:
            p.end(1)
    show(core, call_id)


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--run", default=os.path.join(lab.ROOT, "run"))
    p.add_argument("--bin", default=os.path.join(lab.ROOT, "build", "bin"))
    p.add_argument("--net", default="127.0.0")
    p.add_argument("--sip", default="tcp")
    p.add_argument("--cx", default="tcp")
    return p.parse_args()


def main():
    a, began = arguments(), time.monotonic()
    options = ["--run", a.run, "--bin", a.bin]
    run = [sys.executable, os.path.join(lab.ROOT, "conf", "demo", "lab.py")]
    say("A core starts: P-CSCF, I-CSCF, S-CSCF and HSS, four processes that speak SIP and Diameter on loopback addresses.")
    if subprocess.run([*run, "up", *options, "--net", a.net, "--sip", a.sip, "--cx", a.cx, "--users", "0"]).returncode:
        return 1
    try:
        with tempfile.TemporaryDirectory(prefix="minims-demo-") as directory: # the phones' passwords lie there
            tell_story(lab_conf.load(os.path.realpath(a.run)), directory)
    except (TimeoutError, RuntimeError, OSError, subprocess.CalledProcessError) as e:
        print(f"demo: {e}", file=sys.stderr)
        return 1
    finally:
        subprocess.run([*run, "down", *options])
    say(f"Done after {time.monotonic() - began:.0f} s; the core is down. Logs and configuration stay in {a.run}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
