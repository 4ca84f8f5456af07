#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The two phones of `make demo` on this host, against a core in containers: phones.py COMPOSE-COMMAND...

They have the host's address on the containers' network, and reach the P-CSCF at its own."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "conf", "demo"))
import demo  # noqa: E402
from lab_conf import DOMAIN, HOSTS  # noqa: E402
from phone import Phone  # noqa: E402

NET = "10.77.0"


class Core:
    """What the demonstration's steps ask about a core."""

    def __init__(self, compose):
        self.compose = compose

    def address(self, name):
        return f"{NET}.{HOSTS[name]}"

    def run(self, *command):
        p = subprocess.run([*self.compose, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if p.returncode:
            raise RuntimeError(f"{' '.join(command)}: {p.stderr}")
        return p.stdout

    def imsctl(self, *words):
        return self.run("run", "--rm", "-T", "imsctl", *words)


def make_phones(core, directory, ca):
    shared = {"dns": f"{core.address('dns')}:53", "ca": ca, "address": f"{NET}.1"}
    alice = Phone(os.path.join(directory, "alice"), user=f"alice@{DOMAIN}", password="alice", other=f"sip:bob@{DOMAIN}", tone=demo.ALICE_HZ,
                  proxy=f"sip:{core.address('pcscf')}:5060;transport=udp", port=15060, control=14444, **shared)
    bob = Phone(os.path.join(directory, "bob"), user=f"bob@{DOMAIN}", password="bob", other=f"sip:alice@{DOMAIN}", tone=demo.BOB_HZ,
                proxy=f"sip:pcscf.{DOMAIN}:5061;transport=tls", port=15070, control=14454, **shared)
    return alice, bob


def tell_story(core, directory):
    ca = os.path.join(directory, "ca.pem")
    with open(ca, "w") as f:
        f.write(core.run("exec", "-T", "pcscf", "cat", "/var/lib/minims/pki/ca.pem"))
    version, names = demo.check_certificate(core, ca)
    demo.note(f"the P-CSCF shows phones a certificate of the lab's CA for {', '.join(v for _, v in names)} ({version})")
    phones = alice, bob = make_phones(core, directory, ca)
    try:
        demo.register(core, phones)
        call_id = demo.call(alice, bob, f"sip:bob@{DOMAIN}", demo.ALICE_HZ, demo.BOB_HZ)
        demo.call(bob, alice, f"sip:+15550001@{DOMAIN};user=phone", demo.BOB_HZ, demo.ALICE_HZ)
        demo.exchange_messages(alice, bob)
        demo.deregister(core, phones)
    finally:
        for p in phones:
            p.end(1)
    demo.say("The first call, as the daemons saw it:")
    print(core.imsctl("trace", call_id))


def main():
    try:
        with tempfile.TemporaryDirectory(prefix="minims-demo-") as directory:  # the phones' passwords lie there
            tell_story(Core(sys.argv[1:]), directory)
    except (TimeoutError, RuntimeError, OSError) as e:
        sys.exit(f"compose-demo: {e}")


if __name__ == "__main__":
    main()
