# SPDX-License-Identifier: Apache-2.0
"""SIGTERM: what was begun ends well, what is new goes elsewhere, then the process ends by itself with status 0. [DESIGN 4, systemd.kill(5)]"""
import os
import signal
import time

import pytest

from core import DAEMONS, SLOW, runs, until

DRAIN_S = 3  # of a lab's core


@pytest.fixture
def core(new_core):
    return new_core(users=20, capture=False)


def terminate(core, name):
    pid = core.pid(name)
    os.kill(pid, signal.SIGTERM)
    core.killed.add(name)
    until(lambda: "event=drain" in core.log(name), 5, "drain")
    return pid


def ended(core, name, pid, within=DRAIN_S + 3):
    until(lambda: not runs(pid), within * SLOW, "the end of %s" % name)
    assert "event=stop" in core.log(name) and not core.reports()


def blocked(pid, thread):
    with open("/proc/%d/task/%s/status" % (pid, thread)) as f:
        return int(next(line for line in f if line.startswith("SigBlk")).split()[1], 16)


def test_signals_are_for_the_main_thread(core):
    """A thread of the Diameter stack's that ends in the midst of the handler would take SIGTERM with it."""
    ours = sum(1 << s - 1 for s in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT))
    for name in DAEMONS:
        pid = core.pid(name)
        masks = {t: blocked(pid, t) & ours for t in os.listdir("/proc/%d/task" % pid)}
        assert masks.pop(str(pid)) == 0 and set(masks.values()) == {ours}, (name, masks)


@pytest.mark.parametrize("name", ["scscf", "icscf"])
def test_a_ringing_call_is_answered_through_a_draining_cscf(core, name):
    """The call that rings is carried to its answer; a new one is refused, not lost."""
    alice, bob, carol = (core.new_phone() for _ in range(3))
    for p in (alice, bob, carol):
        p.register()
    call = alice.invite(bob)
    leg = bob.ring()
    call.ringing()
    pid = terminate(core, name)
    assert runs(pid)
    assert carol.invite(bob).final(within=4 * SLOW).status in (480, 500, 503, 504)
    leg.accept()
    call.established()
    ended(core, name, pid)
    core.start(name)
    call.hang_up()
    assert leg.ended()


def test_an_idle_daemon_ends_at_once(core):
    for name in ("pcscf", "icscf", "scscf", "hss"):
        began, pid = time.monotonic(), terminate(core, name)
        ended(core, name, pid)
        assert time.monotonic() - began < 2 * SLOW


def test_a_call_that_rings_for_ever_does_not_keep_a_daemon(core):
    """drain_s is the most."""
    alice, bob = core.new_pair()
    call = alice.invite(bob)
    bob.ring()
    call.ringing()
    began, pid = time.monotonic(), terminate(core, "scscf")
    ended(core, "scscf", pid)
    assert DRAIN_S - 0.5 < time.monotonic() - began < (DRAIN_S + 2) * SLOW


def test_a_second_sigterm_is_impatient(core):
    alice, bob = core.new_pair()
    call = alice.invite(bob)
    bob.ring()
    call.ringing()
    began, pid = time.monotonic(), terminate(core, "pcscf")
    os.kill(pid, signal.SIGTERM)
    ended(core, "pcscf", pid)
    assert time.monotonic() - began < (DRAIN_S - 0.5) * SLOW
