# SPDX-License-Identifier: Apache-2.0
"""What an S-CSCF is to be told reaches it, whatever dies meanwhile; and is dropped when it is of no use any more.
[TS 29.228 6.1.3, 6.2.2, 8.1.1]"""
import hashlib
import itertools

import pytest

from hss_alone import another, make_user, until  # noqa: F401
from hss_alone import wire
from test_hss_cx import SERVICES, REGISTRATION, RE_REGISTRATION, UNREGISTERED_USER, USER_DEREGISTRATION, user_data
from test_hss_push import change, told

names = itertools.count(1)
pytestmark = pytest.mark.store("sqlite", "postgresql")
PERMANENT_TERMINATION, NEW_SERVER_ASSIGNED, SERVER_CHANGE, REMOVE_SCSCF = range(4)


@pytest.fixture
def h(another):
    return another()


@pytest.fixture
def name():
    return f"retry{next(names)}.ims.test"


def register(c, user, impu=None, server=None, **named):
    saa = c.sar(user.impi, impu or user.impu, REGISTRATION, server=server or f"sip:{c.identity}", **named)
    assert saa.result == "SUCCESS", saa
    return saa


def leave(h, c):
    c.close()
    h.connections.remove(c)


def pending(h):
    return h.rows("SELECT scscf_host, private_identity, CASE WHEN request IS NULL THEN 0 ELSE 1 END FROM pending_push ORDER BY id")


def nothing_is_pending(h):
    until(lambda: not pending(h), 5, "the end of all pushes")


def says_nothing(c):
    """Watchdogs are answered, and that is all: what would have been sent before the answer to a question of ours was not."""
    assert c.lir("sip:nobody@ims.test").result == "cx:USER_UNKNOWN"


def reason(rtr):
    return rtr.inner(wire.DEREGISTRATION_REASON).numbers(wire.REASON_CODE)


def test_a_server_that_is_away_is_told_the_latest_when_it_is_back(h, name):
    user, other = make_user(h), make_user(h)
    there, away = h.connect(f"there-{name}"), h.connect(name)
    register(there, other)
    register(away, user)
    leave(h, away)
    change(h, user, identities=[{"impu": user.impu, "display_name": "old"}, {"impu": user.tel}])
    change(h, user, identities=[{"impu": user.impu, "display_name": "new"}, {"impu": user.tel}])
    change(h, other, identities=[{"impu": other.impu, "display_name": "other"}])
    assert user_data(told(there, wire.PPR)).findtext(".//DisplayName") == "other"  # nobody waits for the one that is away,
    says_nothing(there)  # and nobody is told what is not his
    until(lambda: pending(h) == [(name, "", 0)], 5, "one row")  # the newer took the older one's place
    back = h.connect(name)
    ppr = told(back, wire.PPR)
    assert ppr.text(wire.USER_NAME) == user.impi and user_data(ppr).findtext(".//DisplayName") == "new"
    nothing_is_pending(h)
    says_nothing(back)


def test_a_killed_hss_tells_what_the_one_before_could_not(h, name):
    user, gone = make_user(h), make_user(h)
    c = h.connect(name)
    register(c, user), register(c, gone)
    leave(h, c)
    change(h, user, identities=[{"impu": user.impu, "display_name": "x"}])
    assert h.rest("DELETE", f"/v1/subscribers/{gone.impi}").status == 204
    h.kill()
    h.start()
    assert len(pending(h)) == 2
    c = h.connect(name)
    told_all = {m.command: m for m in (answered(c), answered(c))}
    assert user_data(told_all[wire.PPR]).findtext(".//DisplayName") == "x"
    assert told_all[wire.RTR].text(wire.USER_NAME) == gone.impi and reason(told_all[wire.RTR]) == [PERMANENT_TERMINATION]
    nothing_is_pending(h)


def answered(c, result=2001):
    m = c.receive()
    c.send(wire.message(m.command, [wire.avp(wire.SESSION_ID, m.text(wire.SESSION_ID)), c.application(), wire.avp(wire.AUTH_SESSION_STATE, 1),
                                    wire.avp(wire.RESULT_CODE, result)] + c.origin(), flags=wire.PROXIABLE, hop=m.hop, end=m.end))
    return m


def test_an_answer_lost_with_the_hss_is_asked_for_again(h, name):
    """Killed between the push and its answer: the next HSS asks once more, for nothing says that it arrived."""
    user = make_user(h)
    c = h.connect(name)
    register(c, user)
    change(h, user, identities=[{"impu": user.impu, "display_name": "x"}])
    assert c.receive().command == wire.PPR
    h.kill()
    h.start()
    told(h.connect(name), wire.PPR)
    nothing_is_pending(h)


def test_what_the_end_of_an_assignment_made_useless_is_not_sent(h, name):
    """Taken over by another S-CSCF, de-registered, registered anew: nothing of before is told."""
    users = taken, left, again = [make_user(h) for _ in range(3)]
    c, successor = h.connect(name), h.connect(f"successor-{name}")
    for user in users:
        register(c, user)
    leave(h, c)
    for user in (taken, left):
        change(h, user, identities=[{"impu": user.impu, "display_name": "x"}])
    assert h.rest("DELETE", f"/v1/registrations/{again.impu}").status == 204
    assert len(pending(h)) == 3
    successor.lir(taken.impu, kind=2)
    register(successor, taken)
    # the one that is away asks over another connection, as over an agent: its name is what counts
    agent = h.connect(f"agent-{name}")
    agent.identity = name
    assert agent.sar(left.impi, left.impu, USER_DEREGISTRATION, server=f"sip:{name}").result == "SUCCESS"
    register(agent, again)
    back = h.connect(name)
    rtr = told(back, wire.RTR)  # of the one that was taken over it is told just that [TS 29.228 8.1.1]
    assert (rtr.text(wire.USER_NAME), reason(rtr)) == (taken.impi, [NEW_SERVER_ASSIGNED])
    nothing_is_pending(h)
    says_nothing(back)
    assert back.lir(again.impu).text(wire.SERVER_NAME) == f"sip:{name}"


def test_a_server_that_takes_over_by_authentication_has_the_former_one_told(h, name):
    """[TS 29.228 8.1.1] NEW_SERVER_ASSIGNED for what came, then SERVER_CHANGE for the rest; only once it registers."""
    user = make_user(h, identities=[{"impu": f"sip:{k}@{name}", "set": k} for k in (1, 2)])
    one, two = f"sip:1@{name}", f"sip:2@{name}"
    former, c = h.connect(name), h.connect(f"new-{name}")
    register(former, user, one), register(former, user, two)
    assert c.mar(user.impi, one, server=f"sip:{c.identity}").result == "SUCCESS"
    says_nothing(former)  # whoever asks for a challenge has proved nothing
    change(h, user, identities=[{"impu": one, "set": 1, "display_name": "x"}, {"impu": two, "set": 2}])
    told(former, wire.PPR)  # and the profile is for where the user is registered
    register(c, user, one)
    rtr = told(former, wire.RTR)
    assert (rtr.texts(wire.PUBLIC_IDENTITY), reason(rtr)) == ([one], [NEW_SERVER_ASSIGNED])
    rtr = told(former, wire.RTR)
    assert (rtr.texts(wire.PUBLIC_IDENTITY), reason(rtr)) == ([two], [SERVER_CHANGE])
    assert c.lir(one).text(wire.SERVER_NAME) == f"sip:{c.identity}"
    assert c.uar(user.impi, two, kind=1).result == "cx:IDENTITY_NOT_REGISTERED"
    nothing_is_pending(h)
    says_nothing(c)


def test_a_server_that_asked_for_a_challenge_only_takes_nothing_from_the_former_one(h, name):
    user = make_user(h)
    former, c = h.connect(name), h.connect(f"new-{name}")
    register(former, user)
    assert c.mar(user.impi, user.impu, server=f"sip:{c.identity}").result == "SUCCESS"
    assert former.mar(user.impi, user.impu, server=f"sip:{name}").result == "SUCCESS"
    register(former, user)
    assert not pending(h)
    says_nothing(former), says_nothing(c)


def test_a_server_that_cannot_now_is_asked_again(h, name):
    user = make_user(h)
    c = h.connect(name)
    register(c, user)
    change(h, user, identities=[{"impu": user.impu, "display_name": "x"}])
    told(c, wire.PPR, result=5012)
    told(c, wire.PPR, result=3004)
    assert len(pending(h)) == 1
    assert user_data(told(c, wire.PPR)).findtext(".//DisplayName") == "x"
    nothing_is_pending(h)


def test_a_server_that_will_not_is_not_asked_again(h, name):
    user, gone = make_user(h), make_user(h)
    c = h.connect(name)
    register(c, user), register(c, gone)
    change(h, user, identities=[{"impu": user.impu, "display_name": "x"}])
    m = c.receive()
    refused(c, m, 5001)  # it does not know the user: its registration has ended there
    nothing_is_pending(h)
    h.rest("DELETE", f"/v1/subscribers/{gone.impi}")
    refused(c, c.receive(), 5001)
    nothing_is_pending(h)
    says_nothing(c)


def refused(c, m, code):
    c.send(wire.message(m.command, [wire.avp(wire.SESSION_ID, m.text(wire.SESSION_ID)), c.application(), wire.avp(wire.AUTH_SESSION_STATE, 1),
                                    wire.avp(wire.EXPERIMENTAL_RESULT, [wire.avp(wire.VENDOR_ID, wire.VENDOR_3GPP),
                                                                        wire.avp(wire.EXPERIMENTAL_RESULT_CODE, code)])] + c.origin(),
                        flags=wire.PROXIABLE, hop=m.hop, end=m.end))


def test_a_profile_too_large_for_the_server_sends_the_user_elsewhere(h, name):
    """DIAMETER_ERROR_TOO_MUCH_DATA [TS 29.228 6.1.3.1]: SERVER_CHANGE, and the user is to register anew."""
    user = make_user(h)
    c = h.connect(name)
    register(c, user)
    change(h, user, identities=[{"impu": user.impu, "profile": SERVICES}])
    refused(c, c.receive(), 5008)
    rtr = told(c, wire.RTR)
    assert rtr.text(wire.USER_NAME) == user.impi and rtr.texts(wire.PUBLIC_IDENTITY) == [user.impu] and reason(rtr) == [SERVER_CHANGE]
    assert c.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"
    nothing_is_pending(h)


def test_a_profile_that_the_server_does_not_understand_is_told_once(h, name):
    user = make_user(h)
    c = h.connect(name)
    register(c, user)
    change(h, user, identities=[{"impu": user.impu, "profile": SERVICES}])
    refused(c, c.receive(), 5009)
    nothing_is_pending(h)
    says_nothing(c)
    assert "result=DIAMETER_ERROR_NOT_SUPPORTED_USER_DATA" in h.log_text()


def test_a_silent_server_is_asked_again_and_holds_nothing_up(another, name, tmp_path):
    (tmp_path / "short").mkdir()
    h = another(tmp_path / "short", options="")
    h.stop()
    h.config.write_text(h.config.read_text().replace("diameter: {", "diameter: {timeout_ms: 200, "))
    h.start()
    user, other = make_user(h), make_user(h)
    silent, c = h.connect(f"silent-{name}"), h.connect(name)
    register(silent, user), register(c, other)
    change(h, user, identities=[{"impu": user.impu, "display_name": "x"}])
    assert silent.receive().command == wire.PPR
    change(h, other, identities=[{"impu": other.impu, "display_name": "y"}])
    told(c, wire.PPR)
    told(silent, wire.PPR)
    nothing_is_pending(h)


def test_a_change_while_it_is_under_way_is_told_as_well(h, name):
    user = make_user(h)
    c = h.connect(name)
    register(c, user)
    change(h, user, identities=[{"impu": user.impu, "display_name": "x"}])
    m = c.receive()
    change(h, user, identities=[{"impu": user.impu, "display_name": "y"}])
    c.send(wire.message(m.command, [wire.avp(wire.SESSION_ID, m.text(wire.SESSION_ID)), c.application(), wire.avp(wire.AUTH_SESSION_STATE, 1),
                                    wire.avp(wire.RESULT_CODE, 2001)] + c.origin(), flags=wire.PROXIABLE, hop=m.hop, end=m.end))
    assert user_data(told(c, wire.PPR)).findtext(".//DisplayName") == "y"
    nothing_is_pending(h)


def test_many_wait_for_a_server_without_room_for_each_in_memory(h, name):
    put = {"headers": {"Content-Type": "application/xml"}}
    h.rest("PUT", "/v1/profiles/many", "<ServiceProfile/>", **put)
    users = [make_user(h, profile="many") for _ in range(200)]
    c = h.connect(name)
    for user in users:
        register(c, user)
    leave(h, c)
    for _ in range(3):
        assert h.rest("PUT", "/v1/profiles/many", SERVICES, **put).status == 204
    assert len(pending(h)) == 200
    c = h.connect(name)
    assert {told(c, wire.PPR).text(wire.USER_NAME) for _ in users} == {u.impi for u in users}
    nothing_is_pending(h)


# ---- the operator's acts [TS 29.228 6.1.3] ----

def deregister(h, impu, **query):
    return h.rest("DELETE", f"/v1/registrations/{impu}" + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""))


@pytest.mark.parametrize("word,code", [(None, PERMANENT_TERMINATION), ("permanent-termination", PERMANENT_TERMINATION),
                                       ("server-change", SERVER_CHANGE)])
def test_the_operator_ends_a_registration(h, name, word, code):
    user = make_user(h)
    c = h.connect(name)
    register(c, user)
    assert deregister(h, user.tel, **({"reason": word} if word else {})).status == 204  # any identity of the set
    rtr = told(c, wire.RTR)
    assert rtr.text(wire.USER_NAME) == user.impi and rtr.texts(wire.PUBLIC_IDENTITY) == [user.impu, user.tel] and reason(rtr) == [code]
    assert c.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"
    assert deregister(h, user.impu).status == 409
    nothing_is_pending(h)


def test_the_operator_ends_the_registration_of_one_private_identity(h, name):
    user = make_user(h)
    second = f"phone-{user.impi}"
    h.put(second, subscription=user.impi, identities=[{"impu": user.impu}, {"impu": user.tel}])
    c = h.connect(name)
    register(c, user)
    assert c.sar(second, user.impu, REGISTRATION, server=f"sip:{name}").result == "SUCCESS"
    assert deregister(h, user.impu, impi=second).status == 204
    rtr = told(c, wire.RTR)
    assert rtr.text(wire.USER_NAME) == second and rtr.get(wire.ASSOCIATED_IDENTITIES) is None
    assert c.lir(user.impu).result == "SUCCESS"
    assert deregister(h, user.impu, impi=second).status == 404
    assert c.sar(second, user.impu, REGISTRATION, server=f"sip:{name}").result == "SUCCESS"
    assert deregister(h, user.impu).status == 204
    assert sorted(told(c, wire.RTR).inner(wire.ASSOCIATED_IDENTITIES).texts(wire.USER_NAME)) == sorted([user.impi, second])
    nothing_is_pending(h)


def test_the_operator_removes_the_server_of_who_is_served_unregistered(h, name):
    user = make_user(h, profile=SERVICES)
    c = h.connect(name)
    assert c.sar(None, user.impu, UNREGISTERED_USER, server=f"sip:{name}").result == "SUCCESS"
    assert deregister(h, user.impu, reason="remove-s-cscf").status == 204
    assert reason(told(c, wire.RTR)) == [REMOVE_SCSCF]
    assert c.lir(user.impu).result == "cx:UNREGISTERED_SERVICE"
    register(c, user)
    r = deregister(h, user.impu, reason="remove-s-cscf")
    assert r.status == 409 and r.json["field"] == "reason"
    nothing_is_pending(h)


def test_an_operators_mistake_changes_nothing(h, name):
    user = make_user(h)
    c = h.connect(name)
    register(c, user)
    assert deregister(h, user.impu, reason="because").status == 400
    assert deregister(h, "sip:nobody@ims.test").status == 404
    assert deregister(h, user.impu, impi="nobody@ims.test").status == 404
    says_nothing(c)
    assert c.sar(user.impi, user.impu, RE_REGISTRATION, server=f"sip:{name}").result == "SUCCESS" and not pending(h)


def test_a_dry_run_says_who_would_be_told_and_tells_nobody(h, name):
    user, other = make_user(h), make_user(h)
    c = h.connect(name)
    register(c, user), register(c, other)
    leave(h, c)
    change(h, other, identities=[{"impu": other.impu, "display_name": "waits"}])
    r = h.rest("PATCH", f"/v1/subscribers/{user.impi}?dry_run=true", {"identities": [{"impu": user.impu, "display_name": "x"}, {"impu": user.tel}]})
    assert r.json["pushes"] == [{"command": "PPR", "scscf": name, "impi": user.impi}]
    r = deregister(h, user.impu, dry_run="true")
    assert r.status == 200 and r.json["pushes"] == [{"command": "RTR", "scscf": name, "impi": user.impi}]
    assert pending(h) == [(name, "", 0)]
    assert told(h.connect(name), wire.PPR).text(wire.USER_NAME) == other.impi
    assert h.rest("GET", f"/v1/subscribers/{user.impi}").json["registration"]["state"] == "registered"


def test_what_an_s_cscf_must_be_able_to_do_has_changed(h, name):
    """[TS 29.228 6.1.3.1] SERVER_CHANGE: the user registers anew, where the capabilities say."""
    user = make_user(h, capabilities=[1, 2])
    c = h.connect(name)
    register(c, user)
    change(h, user, capabilities={"mandatory": [2, 1], "optional": [5]})
    assert not pending(h)
    change(h, user, capabilities=[1, 2, 3])
    rtr = told(c, wire.RTR)
    assert reason(rtr) == [SERVER_CHANGE] and rtr.get(wire.RTR_FLAGS) is None
    assert c.uar(user.impi, user.impu).inner(wire.SERVER_CAPABILITIES).numbers(wire.MANDATORY_CAPABILITY) == [1, 2, 3]
    nothing_is_pending(h)


def test_a_reference_location_that_changed_is_told_by_its_flag(h, name):
    """RTR-Flags [TS 29.229 6.3.69]"""
    user = make_user(h, reference_location={"type": "ADSL", "info": "dsl-location", "value": "line 1"})
    c = h.connect(name)
    data = user_data(register(c, user))
    assert [data.findtext(f".//ReferenceLocationInformation/Access{k}") for k in ("Type", "Info", "Value")] == ["ADSL", "dsl-location", "line 1"]
    shown = change(h, user, reference_location={"type": "ADSL", "info": "dsl-location", "value": "line 2"})
    assert shown["reference_location"]["value"] == "line 2"
    rtr = told(c, wire.RTR)
    assert rtr.get(wire.RTR_FLAGS).number == 1 and reason(rtr) == [SERVER_CHANGE]
    assert c.uar(user.impi, user.impu).result == "cx:FIRST_REGISTRATION"
    nothing_is_pending(h)
    r = h.rest("PATCH", f"/v1/subscribers/{user.impi}", {"reference_location": {"value": None}})
    assert r.status == 422


def test_new_digest_credentials_are_pushed_to_where_the_user_is_registered(h, name):
    """[TS 29.228 6.5.2.4] In SIP-Auth-Data-Item; what lies in the table meanwhile is not them."""
    user = make_user(h)
    c = h.connect(name)
    register(c, user)
    leave(h, c)
    change(h, user, credentials={"scheme": "digest", "password": user.password})  # as it was
    assert not pending(h)
    change(h, user, credentials={"scheme": "digest", "password": "one"})
    change(h, user, credentials={"scheme": "digest", "password": "another"})
    assert pending(h) == [(name, user.impi, 0)]
    c = h.connect(name)
    ppr = told(c, wire.PPR)
    assert ppr.text(wire.USER_NAME) == user.impi and ppr.get(wire.USER_DATA) is None
    digest = ppr.inner(wire.SIP_AUTH_DATA_ITEM).inner(wire.SIP_DIGEST_AUTHENTICATE)
    assert (digest.text(wire.DIGEST_ALGORITHM), digest.text(wire.DIGEST_HA1)) == ("MD5", ha1("md5", user, "another"))
    assert (digest.text(wire.ALTERNATE_DIGEST_ALGORITHM), digest.text(wire.ALTERNATE_DIGEST_HA1)) == ("SHA-256", ha1("sha256", user, "another"))
    nothing_is_pending(h)


def ha1(algorithm, user, password):
    return hashlib.new(algorithm, f"{user.impi}:ims.test:{password}".encode()).hexdigest()


def test_what_an_emergency_keeps_registered_stays_so(h, name):
    """DIAMETER_LIMITED_SUCCESS with Identity-with-Emergency-Registration [TS 29.228 6.1.3.1]"""
    user = make_user(h, identities=[{"impu": f"sip:{k}@{name}", "set": k} for k in (1, 2)])
    one, two = f"sip:1@{name}", f"sip:2@{name}"
    c = h.connect(name)
    register(c, user, one), register(c, user, two)
    for impu in (one, two):
        assert deregister(h, impu).status == 204
        m = c.receive()
        assert m.texts(wire.PUBLIC_IDENTITY) == [impu]
        kept = [wire.avp(wire.IDENTITY_WITH_EMERGENCY_REGISTRATION, [wire.avp(wire.USER_NAME, user.impi), wire.avp(wire.PUBLIC_IDENTITY, two)],
                         flags=0x80)] if impu == two else []
        c.send(wire.message(wire.RTR, [wire.avp(wire.SESSION_ID, m.text(wire.SESSION_ID)), c.application(), wire.avp(wire.AUTH_SESSION_STATE, 1),
                                       wire.avp(wire.RESULT_CODE, 2002 if kept else 2001)] + c.origin() + kept, flags=wire.PROXIABLE,
                            hop=m.hop, end=m.end))
        nothing_is_pending(h)
    assert c.uar(user.impi, one, kind=1).result == "cx:IDENTITY_NOT_REGISTERED"
    assert c.uar(user.impi, two, kind=1).result == "SUCCESS"
    assert c.lir(two).text(wire.SERVER_NAME) == f"sip:{name}"


def test_shared_criteria_that_change_are_pushed_to_who_cannot_look_them_up(h, name):
    """[TS 29.229 7.1.1] An S-CSCF with SharedIFC has its own."""
    put = {"headers": {"Content-Type": "application/xml"}}
    h.rest("PUT", "/v1/profiles/with-shared", "<ServiceProfile><Extension><SharedIFCSetID>4711</SharedIFCSetID></Extension></ServiceProfile>", **put)
    users = without, with_it = [make_user(h, profile="with-shared") for _ in range(2)]
    c = h.connect(name)
    register(c, without)
    register(c, with_it, more=[features(1)])
    assert h.rest("PUT", "/v1/profiles/shared-ifc-set-4711", SERVICES, **put).status == 201
    told_of = {m.text(wire.USER_NAME): user_data(m) for m in (told(c, wire.PPR) for _ in users)}
    assert told_of[without.impi].findtext(".//ServerName") == "sip:as.ims.test" and told_of[without.impi].find(".//SharedIFCSetID") is None
    assert told_of[with_it.impi].find(".//ServerName") is None and told_of[with_it.impi].findtext(".//SharedIFCSetID") == "4711"
    nothing_is_pending(h)


def features(bits, flags=0x80):
    return wire.avp(wire.SUPPORTED_FEATURES, [wire.avp(wire.VENDOR_ID, wire.VENDOR_3GPP), wire.avp(wire.FEATURE_LIST_ID, 1, flags=0x80),
                                              wire.avp(wire.FEATURE_LIST, bits, flags=0x80)], flags=flags)
