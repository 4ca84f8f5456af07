# SPDX-License-Identifier: Apache-2.0
"""What the operator changes in the HSS is so at the S-CSCF at once. [TS 29.228 6.1.3, 6.2.2; TS 24.229 5.4.1.5, 5.4.1.7]"""
import pytest

from core import until


@pytest.fixture
def ready(alice, bob):
    alice.register()
    bob.register()
    return alice, bob


def path_of(phone):
    return "/v1/subscribers/%s@ims.test" % phone.user


def talk(caller, callee):
    call = caller.invite(callee)
    callee.ring().accept()
    call.established().hang_up()


def change(core, phone, method, body=None, push="PPR"):
    """It is answered when it is on the disk; then the S-CSCF is told."""
    line = "hss.push command=%s scscf=scscf.ims.test impi=%s@ims.test result=DIAMETER_SUCCESS" % (push, phone.user)
    before = core.log("hss").count(line)
    core.rest(method, path_of(phone), body)
    until(lambda: core.log("hss").count(line) > before, 5, "a push")


def test_a_barred_caller_calls_no_more_and_a_freed_one_does(core, ready):
    """PPR; the registration stays."""
    alice, bob = ready
    talk(alice, bob)
    identities = core.rest("GET", path_of(alice))["identities"]
    change(core, alice, "PATCH", {"identities": [{**i, "barred": True} for i in identities]})
    assert alice.invite(bob).final().status == 403
    assert bob.invite(alice).final().status == 404
    change(core, alice, "PATCH", {"identities": identities})
    talk(alice, bob)
    talk(bob, alice)


def test_a_removed_subscriber_is_not_reached_and_calls_no_more(core, ready):
    """RTR."""
    alice, bob = ready
    talk(alice, bob)
    change(core, bob, "DELETE", push="RTR")
    assert alice.invite(bob).final().status == 404
    assert bob.invite(alice).final().status in (403, 404)
    assert bob.try_register(expires=600).status == 403
