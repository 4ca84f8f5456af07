# SPDX-License-Identifier: Apache-2.0
"""Wildcarded public identities, of services and of users. [TS 23.003 13.4A, 13.5; TS 29.228 6.1, 7.2b; TS 29.229 6.3.35]"""
import contextlib
import itertools
import sqlite3
import time

import pytest

from hss_alone import ROOT, another, cx, hss, make_user  # noqa: F401
from hss_alone import wire
from test_hss_cx import ONE, REGISTRATION, RE_REGISTRATION, NO_ASSIGNMENT, SERVICES, UNREGISTERED_USER, capabilities, user_data

pytestmark = pytest.mark.store("sqlite", "postgresql")
numbers = itertools.count(1)


@pytest.fixture
def domain():
    return f"w{next(numbers)}.test"


def psi(wildcard, **more):
    return {"impu": wildcard, "kind": "wildcarded-psi", "wildcard": wildcard, **more}


def test_a_service_is_found_by_what_it_matches(hss, cx, domain):
    room = f"sip:room!.*!@{domain}"
    make_user(hss, identities=[psi(room, **{"as": "sip:as.ims.test"})])
    for impu in (f"sip:room1@{domain}", f"sip:room@{domain}", f"sip:room-of-anna@{domain.upper()}:5060"):
        lia = cx.lir(impu)
        assert (lia.result, lia.text(wire.SERVER_NAME), lia.text(wire.WILDCARDED_PUBLIC_IDENTITY)) == ("SUCCESS", "sip:as.ims.test", room)
        assert lia.get(wire.LIA_FLAGS).number == 1
    for impu in (f"sip:roo@{domain}", f"sip:a-room1@{domain}", f"sip:room1@x{domain}", f"sip:room1@{domain}.x"):
        assert cx.lir(impu).result == "cx:USER_UNKNOWN"


def test_a_service_that_an_s_cscf_serves_is_assigned_and_its_profile_names_the_wildcard(hss, cx, domain):
    room = f"sip:room!.*!@{domain}"
    make_user(hss, identities=[psi(room)], profile=SERVICES, capabilities=[7])
    lia = cx.lir(f"sip:room1@{domain}")
    assert lia.result == "cx:UNREGISTERED_SERVICE" and capabilities(lia) == ([7], [], []) and lia.text(wire.WILDCARDED_PUBLIC_IDENTITY) == room
    saa = cx.sar(None, f"sip:room1@{domain}", UNREGISTERED_USER)
    assert saa.result == "SUCCESS" and saa.text(wire.WILDCARDED_PUBLIC_IDENTITY) == room
    identity = user_data(saa).find(".//PublicIdentity")
    assert identity.findtext(".//IdentityType") == "2" and identity.findtext(".//WildcardedPSI") == room
    lia = cx.lir(f"sip:room2@{domain}")  # all that match are served there
    assert (lia.result, lia.text(wire.SERVER_NAME), lia.text(wire.WILDCARDED_PUBLIC_IDENTITY)) == ("SUCCESS", ONE, room)
    saa = cx.sar(None, f"sip:room2@{domain}", NO_ASSIGNMENT, more=[wire.avp(wire.WILDCARDED_PUBLIC_IDENTITY, room, flags=0x80)])
    assert saa.result == "SUCCESS" and saa.text(wire.WILDCARDED_PUBLIC_IDENTITY) == room


def test_a_distinct_identity_comes_before_a_wildcard_and_the_most_specific_before_others(hss, cx, domain):
    """[TS 23.003 13.5]"""
    texts = [f"sip:!.*!@{domain}", f"sip:room!.*!@{domain}", f"sip:room1!.*!@{domain}", f"sip:room!.*!5@{domain}", f"sip:room!.*!55@{domain}"]
    for i, text in enumerate(texts):
        make_user(hss, identities=[psi(text, **{"as": f"sip:as{i}.test"})])
    make_user(hss, identities=[{"impu": f"sip:room10@{domain}"}])
    found = {name: cx.lir(f"sip:{name}@{domain}").text(wire.WILDCARDED_PUBLIC_IDENTITY)
             for name in ("x", "room", "room2", "room1", "room12", "room15", "room75", "room755")}
    assert found == {"x": texts[0], "room": texts[1], "room2": texts[1], "room1": texts[2], "room12": texts[2], "room15": texts[2],
                     "room75": texts[3], "room755": texts[4]}
    lia = cx.lir(f"sip:room10@{domain}")
    assert lia.result == "cx:IDENTITY_NOT_REGISTERED" and lia.get(wire.WILDCARDED_PUBLIC_IDENTITY) is None


def test_two_expressions_between_the_same_texts_are_both_tried(hss, cx, domain):
    for i, expression in enumerate(("[a-f]+", "[0-9]{3}", "[0-9]+")):
        make_user(hss, identities=[psi(f"sip:!{expression}!@{domain}", **{"as": f"sip:as{i}.test"})])
    assert [cx.lir(f"sip:{n}@{domain}").text(wire.SERVER_NAME) for n in ("abc", "123", "1234", "xyz")] == \
        ["sip:as0.test", "sip:as1.test", "sip:as2.test", None]


def test_the_numbers_of_a_company_are_one_wildcarded_user(hss, cx, domain):
    """In the implicit set of the identity that registers [TS 23.228 5.2.1a]."""
    pilot, wild, tel = f"sip:pbx@{domain}", f"sip:+1555!.*!@{domain}", f"tel:+1{next(numbers):04}!.{{3}}!"
    number = tel.split("!")[0]
    user = make_user(hss, identities=[{"impu": pilot}, {"impu": wild, "kind": "wildcarded-user", "wildcard": wild},
                                      {"impu": f"{number}000", "kind": "wildcarded-user", "wildcard": tel}])
    assert cx.lir(f"{number}123").result == "cx:IDENTITY_NOT_REGISTERED"
    data = user_data(cx.sar(user.impi, pilot, REGISTRATION))
    assert [i.findtext(".//WildcardedIMPU") for i in data.iter("PublicIdentity")] == [None, wild, tel]
    assert [i.findtext(".//IdentityType") for i in data.iter("PublicIdentity")] == [None, "4", "4"]
    for impu, wildcard in ((f"sip:+15559876@{domain};user=phone", wild), (f"{number}123", tel)):
        lia = cx.lir(impu)
        assert (lia.result, lia.text(wire.SERVER_NAME), lia.text(wire.WILDCARDED_PUBLIC_IDENTITY)) == ("SUCCESS", ONE, wildcard)
        saa = cx.sar(None, impu, NO_ASSIGNMENT)
        assert saa.result == "SUCCESS" and saa.text(wire.WILDCARDED_PUBLIC_IDENTITY) == wildcard
    assert cx.lir(f"{number}1234").result == "cx:USER_UNKNOWN"


def test_what_matches_a_wildcard_does_not_register_by_itself(hss, cx, domain):
    wild = f"sip:+1555!.*!@{domain}"
    user = make_user(hss, identities=[{"impu": f"sip:pbx@{domain}"}, {"impu": wild, "kind": "wildcarded-user", "wildcard": wild}])
    impu = f"sip:+15551@{domain}"
    assert cx.uar(user.impi, impu).result == "cx:USER_UNKNOWN"
    assert cx.mar(user.impi, impu).result == "cx:USER_UNKNOWN"
    for kind in (REGISTRATION, RE_REGISTRATION):
        assert cx.sar(user.impi, impu, kind).result == "cx:IN_ASSIGNMENT_TYPE"


def test_a_wildcard_that_is_changed_or_removed_is_found_as_it_is_now(hss, cx, domain):
    user = make_user(hss, identities=[psi(f"sip:a!.*!@{domain}", **{"as": "sip:as.test"})])
    hss.put(user.impi, identities=[psi(f"sip:b!.*!@{domain}", **{"as": "sip:as.test"})])
    assert cx.lir(f"sip:a1@{domain}").result == "cx:USER_UNKNOWN" and cx.lir(f"sip:b1@{domain}").result == "SUCCESS"
    hss.put(user.impi, identities=[{"impu": f"sip:b!.*!@{domain}", "kind": "psi", "as": "sip:as.test"}])
    assert cx.lir(f"sip:b1@{domain}").result == "cx:USER_UNKNOWN"
    hss.rest("DELETE", f"/v1/subscribers/{user.impi}")
    assert hss.rows("SELECT count(*) FROM wildcard w WHERE NOT EXISTS (SELECT 1 FROM public_identity u WHERE u.id = w.public_identity_id)") == [(0,)]


@pytest.mark.parametrize("member,value", [("wildcard", "sip:nothing@x.test"), ("wildcard", "sip:a!(!@x.test"), ("wildcard", "sip:a!(?=b)!@x.test"),
                                          ("wildcard", "sip:a!\\d!@x.test"), ("wildcard", "SIP:a!.*!@X.test"), ("wildcard", "a!.*!@x.test"),
                                          ("wildcard", "sip:!" + "a" * 260 + "!@x.test")])
def test_a_wildcard_that_is_none_is_refused_by_name(hss, member, value):
    for kind in ("wildcarded-psi", "wildcarded-user"):
        r = hss.rest("PUT", "/v1/subscribers/wrong@ims.test", {"identities": [{"impu": "sip:wrong@x.test", "kind": kind, member: value}]})
        assert (r.status, r.json["field"]) == (422, "identities[0].wildcard"), r
    r = hss.rest("PUT", "/v1/subscribers/wrong@ims.test", {"identities": [{"impu": "sip:wrong@x.test", "wildcard": "sip:a!.*!@x.test"}]})
    assert (r.status, r.json["field"]) == (422, "identities[0].wildcard")
    assert hss.rest("GET", "/v1/subscribers/wrong@ims.test").status == 404


def test_an_expression_that_runs_away_holds_nobody_up(hss, cx, domain):
    make_user(hss, identities=[psi(f"sip:!(a|aa)+[bc]!@{domain}", **{"as": "sip:as.test"})])
    began = time.monotonic()
    for _ in range(20):
        assert cx.lir(f"sip:{'a' * 180}@{domain}").result == "cx:USER_UNKNOWN"
    assert time.monotonic() - began < 2
    assert cx.lir(f"sip:aaab@{domain}").result == "SUCCESS"


@pytest.mark.store("sqlite")
def test_many_wildcards_cost_what_a_few_do(hss, cx, domain):
    """No look at all of them: among 5,000, what matches none and what matches one are answered about as fast as a distinct identity, asked in
    turn so that what else the machine does strikes all alike."""
    lines = [{"impi": f"w{i}@{domain}", "identities": [psi(f"sip:+49{i:05}!.*!9@many.{domain}", **{"as": "sip:as.test"}),
                                                       {**psi(f"sip:!.*!@d{i}.{domain}", **{"as": "sip:as.test"}), "set": 2}]} for i in range(2500)]
    assert hss.bulk(lines).json["loaded"] == 2500
    make_user(hss, identities=[{"impu": f"sip:distinct@{domain}"}])
    took = {"distinct": [], "none": [], "one": []}
    for i in range(200):
        for what, impu, result in (("distinct", f"sip:distinct@{domain}", "cx:IDENTITY_NOT_REGISTERED"),
                                   ("none", f"sip:+49{i:07}@{domain}", "cx:USER_UNKNOWN"), ("one", f"sip:+49{i:05}779@many.{domain}", "SUCCESS")):
            began = time.perf_counter()
            assert cx.lir(impu).result == result
            took[what].append(time.perf_counter() - began)
    median = {what: sorted(times)[100] for what, times in took.items()}
    assert median["none"] < 4 * median["distinct"] and median["one"] < 4 * median["distinct"], median
    assert cx.lir(f"sip:+490123456789@many.{domain}").text(wire.WILDCARDED_PUBLIC_IDENTITY) == f"sip:+4901234!.*!9@many.{domain}"
    assert cx.lir(f"sip:anything@d2499.{domain}").text(wire.WILDCARDED_PUBLIC_IDENTITY) == f"sip:!.*!@d2499.{domain}"


@pytest.mark.store("sqlite")
def test_wildcards_of_a_store_from_before_they_were_matched_are_found(another):
    h = another()
    h.stop()
    for f in h.state.glob("hss.db*"):
        f.unlink()
    with contextlib.closing(sqlite3.connect(h.database)) as db:
        db.executescript((ROOT / "db/migrations/0001_subscribers.sql").read_text())
        db.executescript("""
            INSERT INTO subscription (id, name) VALUES (1, 'old');
            INSERT INTO private_identity (id, impi, subscription_id, scheme) VALUES (1, 'old@ims.test', 1, 'none');
            INSERT INTO registration_set (id, subscription_id, number) VALUES (1, 1, 1);
            INSERT INTO public_identity (id, impu, registration_set_id, kind, wildcard, as_name) VALUES
                (1, 'sip:old@old.test', 1, 2, 'sip:old!.*!@old.test', 'sip:as.ims.test'), (2, 'sip:none@old.test', 1, 2, 'no expression', NULL);
            INSERT INTO identity_link (private_identity_id, public_identity_id) VALUES (1, 1), (1, 2);
            PRAGMA user_version = 1;""")
    h.start()
    lia = h.connect().lir("sip:old-room@old.test")
    assert (lia.text(wire.SERVER_NAME), lia.text(wire.WILDCARDED_PUBLIC_IDENTITY)) == ("sip:as.ims.test", "sip:old!.*!@old.test")
    h.stop()
