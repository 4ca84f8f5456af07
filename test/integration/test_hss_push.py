# SPDX-License-Identifier: Apache-2.0
"""An S-CSCF is told when the operator changes a user it serves. [TS 29.228 6.1.3, 6.2.2, 6.5.2]"""
import itertools

import pytest

from hss_alone import hss, make_user  # noqa: F401
from hss_alone import wire
from test_hss_cx import ONE, SERVICES, REGISTRATION, UNREGISTERED_USER, user_data

pytestmark = pytest.mark.store("sqlite", "postgresql")

names = itertools.count(1)
DEREGISTRATION_REASON, REASON_CODE = 615, 616


@pytest.fixture
def scscf(hss):
    """A connection under a name that no other test has; what is left unread at the end is an error."""
    c = hss.connect(f"scscf{next(names)}.ims.test")
    yield c
    c.sock.settimeout(0.1)
    with pytest.raises(TimeoutError):
        raise AssertionError(c.receive())
    c.sock.settimeout(5)
    c.close()
    hss.connections.remove(c)


def told(scscf, command, result=2001, host=None):
    """The next push, answered."""
    m = scscf.receive()
    assert m.is_request and m.command == command and m.application == wire.CX
    assert m.text(wire.DESTINATION_HOST) == (host or scscf.identity) and m.text(wire.ORIGIN_HOST) == "hss.ims.test"
    assert m.get(wire.AUTH_SESSION_STATE).number == 1 and m.text(wire.SESSION_ID)
    scscf.send(wire.message(command, [wire.avp(wire.SESSION_ID, m.text(wire.SESSION_ID)), scscf.application(), wire.avp(wire.AUTH_SESSION_STATE, 1),
                                      wire.avp(wire.RESULT_CODE, result)] + scscf.origin(), flags=wire.PROXIABLE, hop=m.hop, end=m.end))
    return m


def register(scscf, user, impi=None):
    assert scscf.sar(impi or user.impi, user.impu, REGISTRATION).result == "SUCCESS"


def change(hss, user, **members):
    r = hss.rest("PATCH", f"/v1/subscribers/{user.impi}", members)
    assert r.status == 200, r
    return r.json


def test_a_changed_profile_is_pushed_to_the_server_of_a_registered_user(hss, scscf):
    user = make_user(hss)
    register(scscf, user)
    change(hss, user, identities=[{"impu": user.impu, "display_name": "Anna"}, {"impu": user.tel, "barred": True}])
    ppr = told(scscf, wire.PPR)
    assert ppr.text(wire.USER_NAME) == user.impi
    data = user_data(ppr)
    assert data.findtext(".//DisplayName") == "Anna" and [b.text for b in data.iter("BarringIndication")] == ["1"]
    assert scscf.lir(user.impu).text(wire.SERVER_NAME) == ONE  # registered as before
    change(hss, user, charging={"primary_ccf": "aaa://ccf.ims.test"})
    assert told(scscf, wire.PPR).inner(wire.CHARGING_INFORMATION).text(wire.PRIMARY_CCF) == "aaa://ccf.ims.test"
    change(hss, user, identities=[{"impu": user.impu, "profile": SERVICES}])
    assert user_data(told(scscf, wire.PPR)).findtext(".//ServerName") == "sip:as.ims.test"


def test_what_the_server_does_not_see_is_not_pushed(hss, scscf):
    user, other = make_user(hss), make_user(hss)
    register(scscf, user)
    change(hss, user, capabilities={"optional": [1]}, visited_networks=["ims.test"], cloud=[{"provider": "x"}])
    change(hss, other, credentials={"scheme": "digest", "password": "new"}, capabilities=[1])
    change(hss, user, identities=[{"impu": user.impu}, {"impu": user.tel}])  # as they were
    change(hss, other, identities=[{"impu": other.impu, "display_name": "not registered"}])


def test_a_removed_subscriber_is_taken_off(hss, scscf):
    user = make_user(hss)
    register(scscf, user)
    assert hss.rest("DELETE", f"/v1/subscribers/{user.impi}").status == 204
    rtr = told(scscf, wire.RTR)
    assert rtr.text(wire.USER_NAME) == user.impi and rtr.texts(wire.PUBLIC_IDENTITY) == [user.impu, user.tel]
    assert rtr.inner(DEREGISTRATION_REASON).numbers(REASON_CODE) == [0]  # PERMANENT_TERMINATION


def test_a_set_that_loses_all_its_identities_is_taken_off_and_the_other_stays(hss, scscf):
    user = make_user(hss, identities=[{"impu": "sip:first@push.test"}, {"impu": "sip:second@push.test", "set": 2}])
    for user.impu in ("sip:first@push.test", "sip:second@push.test"):
        register(scscf, user)
    change(hss, user, identities=[{"impu": "sip:second@push.test", "set": 2}])
    assert told(scscf, wire.RTR).texts(wire.PUBLIC_IDENTITY) == ["sip:first@push.test"]
    assert scscf.lir("sip:second@push.test").result == "SUCCESS"
    assert scscf.lir("sip:first@push.test").result == "cx:USER_UNKNOWN"


def test_one_of_two_private_identities_that_goes_is_taken_off_alone(hss, scscf):
    user = make_user(hss)
    second = f"phone-{user.impi}"
    hss.put(second, subscription=user.impi, identities=[{"impu": user.impu}, {"impu": user.tel}])
    register(scscf, user)
    register(scscf, user, second)
    hss.rest("DELETE", f"/v1/subscribers/{second}")
    rtr = told(scscf, wire.RTR)
    assert rtr.text(wire.USER_NAME) == second and rtr.get(wire.ASSOCIATED_IDENTITIES) is None
    assert scscf.lir(user.impu).result == "SUCCESS"
    hss.rest("DELETE", f"/v1/subscribers/{user.impi}")
    assert told(scscf, wire.RTR).text(wire.USER_NAME) == user.impi


def test_a_private_identity_that_no_longer_may_use_the_set_is_taken_off(hss, scscf):
    user = make_user(hss)
    second = f"phone-{user.impi}"
    hss.put(second, subscription=user.impi, identities=[{"impu": user.impu}])
    register(scscf, user)
    register(scscf, user, second)
    hss.put(second, subscription=user.impi, identities=[{"impu": f"sip:{second}", "set": 9}])
    rtr = told(scscf, wire.RTR)
    assert rtr.text(wire.USER_NAME) == second and rtr.texts(wire.PUBLIC_IDENTITY) == [user.impu, user.tel]
    shown = hss.rest("GET", f"/v1/subscribers/{second}").json
    assert shown["registration"]["state"] == "not registered"


def test_when_nothing_is_served_any_more_nobody_serves(hss, scscf):
    user = make_user(hss)
    register(scscf, user)
    change(hss, user, identities=[{"impu": f"sip:new-{user.impi}", "set": 7}])
    told(scscf, wire.RTR)
    assert scscf.uar(user.impi, f"sip:new-{user.impi}").result == "cx:FIRST_REGISTRATION"


def test_a_changed_shared_profile_is_pushed_for_every_user_served(hss, scscf):
    put = {"headers": {"Content-Type": "application/xml"}}
    hss.rest("PUT", "/v1/profiles/shared", "<ServiceProfile/>", **put)
    users = [make_user(hss, profile="shared") for _ in range(50)]
    for user in users[:45]:
        register(scscf, user)
    assert scscf.sar(None, users[45].impu, UNREGISTERED_USER).result == "SUCCESS"
    assert hss.rest("PUT", "/v1/profiles/shared", SERVICES, **put).status == 204
    pushed = [told(scscf, wire.PPR) for _ in range(46)]
    assert {p.text(wire.USER_NAME) for p in pushed} == {u.impi for u in users[:46]}
    assert all(user_data(p).findtext(".//ServerName") == "sip:as.ims.test" for p in pushed[:3])
    for user in users:
        hss.rest("DELETE", f"/v1/subscribers/{user.impi}")
    assert len([told(scscf, wire.RTR) for _ in range(46)]) == 46


def test_a_bulk_load_pushes_what_it_changes_and_nothing_of_a_wrong_line(hss, scscf):
    one, two = make_user(hss), make_user(hss)
    register(scscf, one), register(scscf, two)
    good = {"impi": one.impi, "identities": [{"impu": one.impu, "display_name": "bulk"}, {"impu": one.tel}]}
    wrong = {"impi": two.impi, "identities": [{"impu": two.impu, "display_name": "bulk"}], "charging": {"x": 1}}
    assert hss.bulk([wrong, good, wrong]).json["loaded"] == 1
    assert told(scscf, wire.PPR).text(wire.USER_NAME) == one.impi
