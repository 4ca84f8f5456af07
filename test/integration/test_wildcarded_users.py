# SPDX-License-Identifier: Apache-2.0
"""The numbers of a company as one wildcarded identity of the phone that registers. [TS 23.003 13.4A; TS 24.229 5.4.3.3]"""
import pytest

from test_operator_changes import path_of, talk

WILD = "sip:+1555777!.*!@ims.test"


@pytest.fixture
def company(core, bob):
    """Bob is the telephone system of all of sip:+1555777…; the HSS knows, and tells the S-CSCF."""
    identities = core.rest("GET", path_of(bob))["identities"]
    core.rest("PATCH", path_of(bob), {"identities": identities + [{"impu": WILD, "kind": "wildcarded-user", "wildcard": WILD}]})
    yield bob
    core.rest("PATCH", path_of(bob), {"identities": identities})


def test_a_call_to_a_number_that_matches_reaches_the_telephone_system(core, alice, company):
    alice.register()
    company.register()
    call = alice.invite("sip:+1555777123@ims.test")
    leg = company.called()
    assert leg.invite.get("P-Called-Party-ID") == "<sip:+1555777123@ims.test>"
    leg.progress(180).accept()
    call.established().hang_up()
    talk(alice, company)  # by its own name as before


def test_a_number_that_does_not_match_is_nobodys(core, alice, company):
    alice.register()
    company.register()
    assert alice.invite("sip:+1555778123@ims.test").final().status == 404
