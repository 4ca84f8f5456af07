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


def test_a_barred_caller_calls_no_more_and_a_freed_one_does(core, ready):
    """PPR; the registration stays."""
    alice, bob = ready
    talk(alice, bob)
    identities = core.rest("GET", path_of(alice))["identities"]
    core.rest("PATCH", path_of(alice), {"identities": [{**i, "barred": True} for i in identities]})
    until(lambda: alice.invite(bob).final().status == 403, 5, "a refusal")
    core.rest("PATCH", path_of(alice), {"identities": identities})
    until(lambda: 'hss.push command=PPR scscf=scscf.ims.test impi=%s@ims.test result=DIAMETER_SUCCESS' % alice.user in core.log("hss"), 5, "a push")
    talk(alice, bob)
    talk(bob, alice)


def test_a_removed_subscriber_is_not_reached_and_calls_no_more(core, ready):
    """RTR."""
    alice, bob = ready
    talk(alice, bob)
    core.rest("DELETE", path_of(bob))
    until(lambda: alice.invite(bob).final().status == 404, 5, "an unknown callee")
    until(lambda: bob.invite(alice).final().status in (403, 404), 5, "a refusal")
    until(lambda: 'hss.push command=RTR scscf=scscf.ims.test impi=%s@ims.test result=DIAMETER_SUCCESS' % bob.user in core.log("hss"), 5, "a push")
    assert bob.try_register(expires=600).status == 403
