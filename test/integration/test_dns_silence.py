# SPDX-License-Identifier: Apache-2.0
"""A name server that says nothing: who is not known is given up in time, who is known is still reached. [RFC 3263 4, RFC 8767 4]"""
import time

import pytest

from core import SLOW, until


@pytest.fixture
def core(new_core):
    return new_core(users=20, capture=False)


def test_a_name_that_nobody_tells_is_given_up_in_time(core):
    """The first registration of a core, whose CSCFs have yet to ask for each other; the next is served when DNS is back."""
    alice, bob = core.new_phone(), core.new_phone()
    with core.standing_still("dns"):
        answer = alice.send(alice.register_request(expires=600, authorization=alice.unauthenticated())).final(within=4 * SLOW)
        assert answer.status in (500, 504)
    until(lambda: bob.try_register(expires=600).status == 200, 30, "a registration")


def test_an_address_that_was_known_serves_while_dns_is_silent(core):
    """The records of the lab live for no longer than a second."""
    alice, bob, carol = (core.new_phone() for _ in range(3))

    def talk(caller, callee):
        callee.register()
        call = caller.invite(callee)
        callee.ring().accept()
        call.established().hang_up()
    alice.register()
    talk(alice, bob)
    with core.standing_still("dns"):
        over = time.monotonic() + 1.5
        until(lambda: time.monotonic() > over, 5)
        talk(bob, carol)
