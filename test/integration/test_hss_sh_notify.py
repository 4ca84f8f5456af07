# SPDX-License-Identifier: Apache-2.0
"""Application servers subscribe and are told: SNR, PNR. [TS 29.328 6.1.3, 6.1.4; TS 29.329 6.1.5 to 6.1.8]"""
import itertools
import signal
import sqlite3
import time

import pytest

from hss_alone import another, hss, make_user, until  # noqa: F401
from hss_alone import wire
from test_hss_cx import ONE, REGISTRATION, SERVICES, UNREGISTERED_USER, USER_DEREGISTRATION, user_data
from test_hss_push import scscf, told as pushed  # noqa: F401
from test_hss_sh import (AS, CLOUD, CRITERIA, DSAI, EVERYTHING, IDENTITIES, IMPLICIT, PSI, REGISTERED, REPOSITORY, SCSCF, STATE, activation, check, closed, connect,
                         data, dsai)
from wire_sh import expiry_of, features, now, repository, sh_data

names = itertools.count(1)
NOTIF_EFF = [features(1)]


@pytest.fixture
def server(hss):
    """Makes ASs under names that no other test has; what is left unread at the end is an error."""
    made = []

    def make(**named):
        made.append(connect(hss, f"as{next(names)}.ims.test", EVERYTHING, **named))
        return made[-1]
    yield make
    for c in made:
        # whatever was due is sent by the time that what follows it arrives
        c.sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            raise AssertionError(c.receive())
        c.sock.settimeout(5)
        c.close()
        hss.connections.remove(c)


@pytest.fixture
def ash(server):
    return server()


@pytest.fixture
def cx(hss):
    yield from closed(hss, hss.connect())


@pytest.fixture
def user(hss):
    return make_user(hss)


def told(c, user=None, **named):
    """The document of the next PNR, valid and parsed."""
    m = c.told(**named)
    assert m.text(wire.DESTINATION_HOST) == c.identity and m.text(wire.DESTINATION_REALM) == c.realm
    assert m.text(wire.ORIGIN_HOST) == "hss.ims.test" and m.get(wire.AUTH_SESSION_STATE).number == 1
    if user:
        assert m.inner(wire.USER_IDENTITY).text(wire.PUBLIC_IDENTITY) == user.impu
    return check(m.get(wire.SH_USER_DATA).data)


def state(document):
    return document.findtext("Sh-IMS-Data/IMSUserState")


# ---- each kind of data ----

def test_the_state_is_told_at_each_change_of_registration(ash, cx, user):
    assert ash.snr(user.impu, STATE).result == "SUCCESS"
    cx.mar(user.impi, user.impu)
    assert state(told(ash, user)) == "3"
    cx.sar(user.impi, user.impu, REGISTRATION)
    assert state(told(ash, user)) == "1"
    cx.sar(user.impi, user.impu, REGISTRATION)  # as it was
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)
    assert state(told(ash, user)) == "0"
    cx.sar(None, user.impu, UNREGISTERED_USER)
    assert state(told(ash, user)) == "2"


def test_the_operator_ends_a_registration_and_who_watches_is_told(hss, ash, scscf, user):
    scscf.sar(user.impi, user.impu, REGISTRATION)
    ash.snr(user.impu, [STATE, SCSCF])
    assert hss.rest("DELETE", f"/v1/registrations/{user.impu}").status == 204
    documents = [told(ash, user), told(ash, user)]
    assert {state(d) for d in documents} == {"0", None}
    gone = [d for d in documents if state(d) is None][0].find("Sh-IMS-Data/SCSCFName")
    assert gone is not None and not gone.text  # nobody serves
    pushed(scscf, wire.RTR)


def test_the_server_that_comes_and_goes_is_told(ash, cx, user):
    ash.snr(user.impu, SCSCF)
    cx.sar(user.impi, user.impu, REGISTRATION)
    assert told(ash, user).findtext("Sh-IMS-Data/SCSCFName") == ONE
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)
    assert told(ash, user).find("Sh-IMS-Data/SCSCFName").text is None


def test_repository_data_that_another_as_changes_is_told_and_never_to_itself(server, user):
    watcher, writer = server(), server()
    assert watcher.snr(user.impu, REPOSITORY, "book").result == "sh:SUBS_DATA_ABSENT"
    writer.pur(user.impu, REPOSITORY, sh_data(repository("book", 0, "<a>0</a>")))
    for c in (watcher, writer):
        assert c.snr(user.impu, REPOSITORY, "book").result == "SUCCESS"
    writer.pur(user.impu, REPOSITORY, sh_data(repository("book", 1, "<a>1</a>")))
    d = told(watcher, user)
    assert d.findtext("RepositoryData/SequenceNumber") == "1" and d.findtext(".//a") == "1"
    assert watcher.pur(user.impu, REPOSITORY, sh_data(repository("book", 2, "<a>2</a>"))).result == "SUCCESS"
    assert told(writer, user).findtext(".//a") == "2"
    writer.pur(user.impu, REPOSITORY, sh_data(repository("mail", 0, "<a/>")))  # nobody watches it
    writer.pur(user.impu, REPOSITORY, sh_data(repository("book", 3)))
    d = told(watcher, user)
    assert d.findtext("RepositoryData/SequenceNumber") == "3" and d.find("RepositoryData/ServiceData") is None
    writer.pur(user.impu, REPOSITORY, sh_data(repository("book", 0, "<a>back</a>")))
    assert told(watcher, user).findtext(".//a") == "back"


def test_identities_and_criteria_that_the_operator_changes_are_told(hss, ash, cx):
    user = make_user(hss, profile=SERVICES)
    assert ash.snr(user.impu, IDENTITIES, sets=IMPLICIT).result == "SUCCESS"
    assert ash.snr(user.impu, CRITERIA, server=AS).result == "SUCCESS"
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"identities": [{"impu": user.impu, "profile": SERVICES}]})
    assert [e.text for e in told(ash, user).findall("PublicIdentifiers/IMSPublicIdentity")] == [user.impu]
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"identities": [{"impu": user.impu}]})
    assert not told(ash, user).findall(".//InitialFilterCriteria")
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"charging": {"primary_ccf": "aaa://ccf.ims.test"}})  # nobody watches it


def test_a_shared_profile_that_changes_is_told_for_each_who_has_it(hss, ash):
    put = {"headers": {"Content-Type": "application/xml"}}
    hss.rest("PUT", "/v1/profiles/watched", "<ServiceProfile/>", **put)
    users = [make_user(hss, profile="watched") for _ in range(3)]
    for user in users[:2]:
        ash.snr(user.impu, CRITERIA, server=AS)
    assert hss.rest("PUT", "/v1/profiles/watched", SERVICES, **put).status == 204
    found = [ash.told() for _ in range(2)]
    assert {m.inner(wire.USER_IDENTITY).text(wire.PUBLIC_IDENTITY) for m in found} == {u.impu for u in users[:2]}
    for m in found:
        assert len(check(m.get(wire.SH_USER_DATA).data).findall(".//InitialFilterCriteria")) == 1


def test_activation_is_told(hss, server, user):
    watcher, writer = server(), server()
    service = f"sip:watched-{user.impi}"
    hss.put(f"psi-{service[4:]}", identities=[{"impu": service, "kind": "psi", "as": AS}])
    hss.rest("PUT", f"/v1/service-activation/{user.impu}", {"dsai": [{"server_name": AS, "tag": "book"}]})
    assert watcher.snr(service, PSI).result == "SUCCESS" and watcher.snr(user.impu, DSAI, server=AS, tags="book").result == "SUCCESS"
    writer.pur(service, PSI, activation(0))
    assert told(watcher).findtext(".//PSIActivation") == "0"
    writer.pur(user.impu, DSAI, dsai("book", 1))
    assert told(watcher, user).findtext(".//DSAI-Value") == "1"
    hss.rest("PUT", f"/v1/service-activation/{user.impu}", {"dsai": [{"server_name": AS, "tag": "book", "active": True}]})
    assert told(watcher, user).findtext(".//DSAI-Value") == "0"


def test_an_as_that_switches_its_services_off_is_routed_by_no_more(hss, scscf, ash):
    """The criteria that lead to it are not in the profile that the S-CSCF has, for this identity alone. [TS 29.328 7.14]"""
    user = make_user(hss, profile=SERVICES)
    hss.rest("PUT", f"/v1/service-activation/{user.impu}", {"dsai": [{"server_name": AS, "tag": "book"}, {"server_name": AS, "tag": "mail"}]})

    def servers(document):
        return {p.findtext("PublicIdentity/Identity"): [s.text for s in p.iter("ServerName")] for p in document.iter("ServiceProfile")}
    both = [AS, "sip:as2.ims.test"]
    assert servers(user_data(scscf.sar(user.impi, user.impu, REGISTRATION))) == {user.impu: both}
    assert ash.pur(user.impu, DSAI, dsai("book", 1)).result == "SUCCESS"  # the other one is active still
    assert ash.pur(user.impu, DSAI, dsai("mail", 1)).result == "SUCCESS"
    assert servers(user_data(pushed(scscf, wire.PPR))) == {user.impu: both[1:], user.tel: both}
    hss.rest("PUT", f"/v1/service-activation/{user.impu}", {"dsai": []})
    assert servers(user_data(pushed(scscf, wire.PPR))) == {user.impu: both}


def test_the_cloud_profile_that_changes_is_told(hss, ash, user):
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"cloud": [{"provider": "one"}]})
    d = data(ash.snr(user.impu, REPOSITORY, CLOUD, send_data=True))
    number = int(d.findtext("RepositoryData/SequenceNumber"))
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"cloud": [{"provider": "two"}]})
    d = told(ash, user)
    assert int(d.findtext("RepositoryData/SequenceNumber")) == number + 1 and d.find(".//{*}Provider").text == "two"
    assert hss.rest("PUT", f"/v1/cloud-profiles/{user.impi}/three", {"user": "anna"}).status == 201
    assert [e.text for e in told(ash, user).findall(".//{*}Provider")] == ["three", "two"]


# ---- subscriptions ----

def test_the_data_comes_with_the_answer_when_it_is_asked_for(ash, cx, user):
    assert ash.snr(user.impu, STATE).get(wire.SH_USER_DATA) is None
    d = data(ash.snr(user.impu, [STATE, IDENTITIES], send_data=True))
    assert state(d) == "0" and len(d.findall("PublicIdentifiers/IMSPublicIdentity")) == 2


def test_who_unsubscribes_is_told_no_more(ash, cx, user):
    ash.snr(user.impu, [STATE, SCSCF])
    assert ash.snr(user.impu, STATE, end=True).result == "SUCCESS"
    assert ash.snr(user.impu, STATE, end=True).result == "SUCCESS"  # twice is as once
    cx.sar(user.impi, user.impu, REGISTRATION)
    assert told(ash, user).find(".//SCSCFName") is not None
    ash.snr(user.impu, SCSCF, end=True)
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)


def test_a_subscription_ends_with_its_time(hss, ash, cx, user):
    soon, late = now() + 1, now() + 3600
    assert expiry_of(ash.snr(user.impu, STATE)) is None  # for ever
    assert expiry_of(ash.snr(user.impu, STATE, expiry=late)) == late
    assert expiry_of(ash.snr(user.impu, SCSCF, expiry=soon)) == soon
    sna = ash.snr(user.impu, STATE, expiry=now() - 1)
    assert sna.result == "INVALID_AVP_VALUE" and sna.failed.code == wire.EXPIRY_TIME
    until(lambda: now() > soon, 5, "the end of the subscription")
    cx.sar(user.impi, user.impu, REGISTRATION)
    assert state(told(ash, user)) == "1"
    with sqlite3.connect(hss.database, timeout=10) as db:
        rows = "SELECT count(*) FROM sh_subscription WHERE host = ? AND data_reference = 12"
        assert db.execute(rows, (ash.identity,)).fetchone() == (1,)
    ash.snr(user.impu, STATE, expiry=late)  # the next one that comes takes it away
    with sqlite3.connect(hss.database, timeout=10) as db:
        assert db.execute(rows, (ash.identity,)).fetchone() == (0,)


def test_a_time_after_2036_is_understood(ash, user):
    far = 2 ** 31 + 1000  # seconds since 1970: after the era of NTP that ended in 2036
    assert expiry_of(ash.snr(user.impu, STATE, expiry=far)) + 2 ** 32 == far


def test_one_notification_is_one(ash, cx, user):
    assert ash.snr(user.impu, STATE, one_time=True).result == "SUCCESS"
    cx.sar(user.impi, user.impu, REGISTRATION)
    assert state(told(ash, user)) == "1"
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)


def test_a_user_known_by_number_is_told_of_by_number(hss, ash, user):
    assert ash.snr(user.tel[5:], IDENTITIES).result == "SUCCESS"
    hss.rest("PATCH", f"/v1/subscribers/{user.impi}", {"identities": [{"impu": user.impu, "barred": True}, {"impu": user.tel}]})
    m = ash.told()
    assert m.inner(wire.USER_IDENTITY).get(wire.MSISDN).data.hex() == "".join(b + a for a, b in zip(*[iter(user.tel[5:])] * 2))
    assert [e.text for e in check(m.get(wire.SH_USER_DATA).data).iter("IMSPublicIdentity")] == [user.tel]


def test_several_changes_come_together_where_the_as_can_take_them(server, cx, user):
    able, plain = server(), server()
    able.snr(user.impu, [STATE, SCSCF, IDENTITIES], sets=[REGISTERED, IMPLICIT], more=NOTIF_EFF)
    plain.snr(user.impu, [STATE, SCSCF])
    cx.sar(user.impi, user.impu, REGISTRATION)
    d = told(able, user)
    assert state(d) == "1" and d.findtext("Sh-IMS-Data/SCSCFName") == ONE
    assert len(d.findall("Extension/RegisteredIdentities/IMSPublicIdentity")) == 2 and d.find("Extension/ImplicitIdentities") is None
    assert sorted(state(told(plain, user)) or "" for _ in range(2)) == ["", "1"]


def test_an_as_of_another_realm_is_told_there(hss, server, cx, user):
    c = server(realm="services.test")
    assert c.ask(wire.message(wire.SNR, [a for a in _snr_avps(c, user)], application=wire.SH)).result == "SUCCESS"
    cx.sar(user.impi, user.impu, REGISTRATION)
    m = c.told()
    assert m.text(wire.DESTINATION_REALM) == "services.test"


def _snr_avps(c, user):
    home = wire.avp(wire.DESTINATION_REALM, "ims.test")
    return c.header()[:-1] + [home, wire.avp(wire.USER_IDENTITY, [wire.avp(wire.PUBLIC_IDENTITY, user.impu)]),
                              wire.avp(wire.SUBS_REQ_TYPE, 0), wire.avp(wire.DATA_REFERENCE, STATE)]


# ---- what the AS answers ----

def test_no_subscription_to_data_ends_the_subscription(hss, ash, cx, user):
    ash.snr(user.impu, STATE)
    cx.sar(user.impi, user.impu, REGISTRATION)
    told(ash, user, result=5107, experimental=True)

    def gone():
        with sqlite3.connect(hss.database, timeout=10) as db:
            return db.execute("SELECT count(*) FROM sh_subscription WHERE host = ?", (ash.identity,)).fetchone() == (0,)
    until(gone, 5, "the end of the subscription")
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)


def test_an_as_that_is_busy_is_told_again_and_in_order(ash, cx, user):
    ash.snr(user.impu, STATE)
    ash.snr(user.impu, SCSCF)
    cx.sar(user.impi, user.impu, REGISTRATION)
    first = told(ash, user, result=3004)
    again = told(ash, user)
    assert state(again) == state(first) and again.findtext(".//SCSCFName") == first.findtext(".//SCSCFName")
    second = told(ash, user)
    assert {state(again), state(second)} == {"1", None}


def test_an_as_that_was_away_is_told_the_last_state_when_it_is_back(hss, cx, user):
    name = f"away{next(names)}.ims.test"
    with connect(hss, name, EVERYTHING) as c:
        c.snr(user.impu, STATE)
    hss.connections.remove(c)
    cx.sar(user.impi, user.impu, REGISTRATION)
    cx.sar(user.impi, user.impu, USER_DEREGISTRATION)
    cx.sar(None, user.impu, UNREGISTERED_USER)
    c = connect(hss, name)
    c.sock.settimeout(12)
    m = c.told()
    while state(check(m.get(wire.SH_USER_DATA).data)) != "2":  # one that was on its way already comes first
        m = c.told()


def test_a_notification_outlives_a_kill(another):
    h = another(options="sh: {unknown_as: all}")
    h.put("u@ims.test")
    with connect(h, "as.ims.test") as c:
        c.snr("sip:u@ims.test", STATE)
    h.connections.remove(c)
    cx = h.connect()
    assert cx.sar("u@ims.test", "sip:u@ims.test", REGISTRATION).result == "SUCCESS"
    h.process.send_signal(signal.SIGKILL)
    h.kill()
    h.start()
    c = connect(h, "as.ims.test")
    c.sock.settimeout(12)
    assert state(check(c.told().get(wire.SH_USER_DATA).data)) == "1"
    h.stop()


def test_an_as_that_stays_away_is_given_up(another):
    h = another(options="sh: {unknown_as: all, notify_for_s: 1}")
    h.put("u@ims.test")
    with connect(h, "gone.ims.test") as c:
        c.snr("sip:u@ims.test", STATE)
    h.connections.remove(c)
    cx = h.connect()
    cx.sar("u@ims.test", "sip:u@ims.test", REGISTRATION)
    until(lambda: "as=gone.ims.test impu=sip:u@ims.test event=given_up" in h.log_text(), 12, "a line in the log")
    h.stop()


def test_a_burst_arrives_whole_and_in_order(server, user):
    watcher, writer = server(), server()
    writer.pur(user.impu, REPOSITORY, sh_data(repository("burst", 0, "<a>0</a>")))
    watcher.snr(user.impu, REPOSITORY, "burst")
    for n in range(1, 101):
        assert writer.pur(user.impu, REPOSITORY, sh_data(repository("burst", n, f"<a>{n}</a>"))).result == "SUCCESS"
    seen = [0]
    while seen[-1] < 100:  # one that waited may be replaced by the next
        seen.append(int(told(watcher, user).findtext("RepositoryData/SequenceNumber")))
    assert seen == sorted(set(seen))


def test_a_restarted_hss_remembers_who_watches(another):
    h = another(options="sh: {unknown_as: all}")
    h.put("u@ims.test")
    with connect(h, "as.ims.test") as c:
        assert c.snr("sip:u@ims.test", STATE, expiry=time.time() + 1000).result == "SUCCESS"
    h.connections.remove(c)
    h.stop()
    h.start()
    c = connect(h, "as.ims.test")
    h.connect().sar("u@ims.test", "sip:u@ims.test", REGISTRATION)
    assert state(check(c.told().get(wire.SH_USER_DATA).data)) == "1"
    h.stop()
