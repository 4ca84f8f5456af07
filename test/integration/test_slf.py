# SPDX-License-Identifier: Apache-2.0
"""The Subscription Locator Function on Dx and Dh, and CSCFs that follow it. [TS 23.228 5.8.1; TS 29.228 6.4; TS 29.229 5.4; RFC 6733 6.12-6.14]"""
import subprocess
import urllib.parse

import pytest

from conftest import NETS
from core import Core, until
from hss_alone import BIN, Hss, new_store, wire
from test_loss_of_process import talk, talk_soon

pytestmark = pytest.mark.store("sqlite", "postgresql")

SH, UDR, PUR, SNR = 16777217, 306, 307, 308
USER_IDENTITY, MSISDN, DATA_REFERENCE, SUBS_REQ_TYPE, SH_USER_DATA = 700, 701, 703, 705, 702
REDIRECT_HOST, REDIRECT_HOST_USAGE, REDIRECT_MAX_CACHE_TIME = 292, 261, 262
ALL_USER = 6


# ---- the SLF alone ----

@pytest.fixture(scope="module")
def slf(tmp_path_factory, store):
    h = Hss(tmp_path_factory.mktemp("slf"), store=new_store(store), options="role: slf\nslf: {cache_s: 77}\n").start()
    yield h
    h.stop()


@pytest.fixture(scope="module")
def dx(slf):
    return slf.connect()


def path(name):
    return "/v1/slf/" + urllib.parse.quote(name, safe="")


def tell(slf, routes):
    for name, hss in routes.items():
        assert slf.rest("PUT", path(name), {"hss": hss}).status in (200, 201)


def redirect(answer):
    """Where to; None: nobody has this user."""
    if answer.result in ("cx:USER_UNKNOWN", "sh:USER_UNKNOWN"):
        assert not answer.flags & wire.ERROR and not answer.all(REDIRECT_HOST)
        return None
    assert answer.result == "REDIRECT_INDICATION" and answer.flags & wire.ERROR and answer.text(wire.SESSION_ID)
    assert answer.get(REDIRECT_HOST_USAGE).number == ALL_USER and answer.get(REDIRECT_MAX_CACHE_TIME).number == 77
    return answer.texts(REDIRECT_HOST)


def test_every_question_of_cx_is_answered_with_the_hss_of_its_user(slf, dx):
    tell(slf, {"sip:ann@ims.test": "hss1.ims.test", "sip:bea@ims.test": ["hss2.ims.test", "aaas://hss3.ims.test:5868;transport=tcp"],
               "priv@ims.test": "hss4.ims.test"})
    assert redirect(dx.uar("any@ims.test", "sip:ann@ims.test")) == ["aaa://hss1.ims.test"]
    assert redirect(dx.mar("any@ims.test", "sip:ann@ims.test")) == ["aaa://hss1.ims.test"]
    assert redirect(dx.lir("sip:ann@IMS.test;x=y")) == ["aaa://hss1.ims.test"]
    assert redirect(dx.sar("any@ims.test", "sip:ann@ims.test", 1)) == ["aaa://hss1.ims.test"]
    assert redirect(dx.lir("sip:bea@ims.test")) == ["aaa://hss2.ims.test", "aaas://hss3.ims.test:5868;transport=tcp"]
    assert redirect(dx.sar("priv@ims.test", [], 5)) == ["aaa://hss4.ims.test"]
    assert redirect(dx.uar("priv@ims.test", "sip:else@nowhere.test")) == ["aaa://hss4.ims.test"]


def sh(dx, command, user, *more):
    header = [a if a != dx.application() else wire.avp(wire.VENDOR_SPECIFIC_APPLICATION_ID, [
        wire.avp(wire.VENDOR_ID, wire.VENDOR_3GPP), wire.avp(wire.AUTH_APPLICATION_ID, SH)]) for a in dx.header()]
    return dx.ask(wire.message(command, header + [wire.avp(USER_IDENTITY, [user], vendor=wire.VENDOR_3GPP), *more], application=SH))


def test_every_question_of_sh_is_answered_with_the_hss_of_its_user(slf, dx):
    tell(slf, {"sip:shona@ims.test": "hss5.ims.test", "tel:+49!.*!": "hss6.ims.test"})
    public, number = wire.avp(wire.PUBLIC_IDENTITY, "sip:shona@ims.test"), wire.avp(MSISDN, bytes.fromhex("944321f5"), vendor=wire.VENDOR_3GPP)
    reference = wire.avp(DATA_REFERENCE, 11, vendor=wire.VENDOR_3GPP)
    document = wire.avp(SH_USER_DATA, "<Sh-Data/>", vendor=wire.VENDOR_3GPP)
    assert redirect(sh(dx, UDR, public, reference)) == ["aaa://hss5.ims.test"]
    assert redirect(sh(dx, UDR, number, reference)) == ["aaa://hss6.ims.test"]
    assert redirect(sh(dx, PUR, public, wire.avp(DATA_REFERENCE, 0, vendor=wire.VENDOR_3GPP), document)) == ["aaa://hss5.ims.test"]
    assert redirect(sh(dx, SNR, public, wire.avp(SUBS_REQ_TYPE, 0, vendor=wire.VENDOR_3GPP), reference)) == ["aaa://hss5.ims.test"]
    assert redirect(sh(dx, UDR, wire.avp(wire.PUBLIC_IDENTITY, "sip:no@nowhere.test"), reference)) is None


def test_the_most_particular_route_counts(slf, dx):
    tell(slf, {".wide.test": "a.ims.test", "w.wide.test": "b.ims.test", "sip:list!.*!@w.wide.test": "c.ims.test",
               "sip:listener!(a|b)+!@W.WIDE.TEST": "d.ims.test", "sip:listenerab@w.wide.test": "e.ims.test"})
    expected = {"sip:x@y.wide.test": "a", "sip:x@w.wide.test": "b", "sip:list7@w.wide.test": "c", "sip:listenerba@w.wide.test": "d",
                "sip:listenerab@w.wide.test": "e", "sip:listenerc@w.wide.test": "c"}
    for impu, host in expected.items():
        assert redirect(dx.lir(impu)) == [f"aaa://{host}.ims.test"], impu
    assert redirect(dx.lir("sip:x@wide.test")) is None


def test_an_expression_that_runs_away_ends_soon(slf, dx):
    tell(slf, {"sip:!(a+)+b!@run.test": "hss1.ims.test"})
    for _ in range(20):
        assert redirect(dx.lir("sip:" + "a" * 180 + "@run.test")) is None


def test_unknown_users_are_told_and_explained(slf, dx):
    assert redirect(dx.uar("nobody@nowhere.test", "sip:nobody@nowhere.test")) is None
    assert "no HSS has this user" in slf.ops("/explain?identity=sip:nobody@nowhere.test").body.decode()
    assert slf.metric('minims_rejected_total{procedure="hss.slf"') >= 1
    assert slf.metric('minims_diameter_total{command="UAR",result="DIAMETER_ERROR_USER_UNKNOWN"') >= 1


def test_it_serves_nothing_else(slf, dx):
    rtr = dx.ask(dx.build(wire.RTR, [wire.avp(wire.USER_NAME, "a@b"), wire.avp(615, [wire.avp(616, 0)])]))
    assert rtr.result == "COMMAND_UNSUPPORTED"
    slf.put("own@nowhere.test")  # a subscriber in its store is none that it serves
    assert redirect(dx.uar("own@nowhere.test", "sip:own@nowhere.test")) is None


def test_routes_are_provisioned_over_rest(slf):
    assert slf.rest("PUT", path("sip:r1@rest.test"), {"hss": "h1.ims.test"}).status == 201
    assert slf.rest("PUT", path("SIP:r1@REST.test"), {"hss": ["h2.ims.test"]}).status == 200
    assert slf.rest("GET", path("sip:r1@rest.test")).json == {"identity": "sip:r1@rest.test", "hss": ["h2.ims.test"]}
    tell(slf, {f"sip:r{i}@rest.test": "h1.ims.test" for i in range(2, 8)})
    got, after, total = [], "", slf.rest("GET", "/v1/slf?limit=1").json["total"]
    while page := slf.rest("GET", f"/v1/slf?limit=3&after={urllib.parse.quote(after)}").json["routes"]:
        got += page
        after = next(v for k, v in page[-1].items() if k != "hss")
    assert len(got) == total
    assert [r["identity"] for r in got if r.get("identity", "").endswith("rest.test")] == [f"sip:r{i}@rest.test" for i in range(1, 8)]
    tag = slf.rest("GET", path("sip:r1@rest.test")).headers["ETag"]
    assert slf.rest("PUT", path("sip:r1@rest.test"), {"hss": "h3.ims.test"}, headers={"If-Match": '"1"'}).status == 412
    assert slf.rest("PATCH", path("sip:r1@rest.test"), {"hss": "h3.ims.test"}, headers={"If-Match": tag}).json["hss"] == ["h3.ims.test"]
    assert slf.rest("DELETE", path("sip:r1@rest.test")).status == 204
    assert slf.rest("DELETE", path("sip:r1@rest.test")).status == slf.rest("GET", path("sip:r1@rest.test")).status == 404


@pytest.mark.parametrize("name, body, status, field", [
    ("sip:x@ims.test", {"hss": "no host"}, 422, "hss"), ("sip:x@ims.test", {"hss": []}, 422, "hss"), ("sip:x@ims.test", {}, 422, "hss"),
    ("sip:x@ims.test", {"hss": ["a"] * 5}, 422, "hss"), ("sip:x@ims.test", {"hss": "a", "x": 1}, 422, "x"), ("sip:x@ims.test", "{", 400, None),
    ("sip:x!(!@ims.test", {"hss": "a"}, 422, None), ("not a name", {"hss": "a"}, 422, None), ("sip:x!.*@ims.test", {"hss": "a"}, 422, None)])
def test_wrong_routes_are_refused_in_words(slf, name, body, status, field):
    r = slf.rest("PUT", path(name), body)
    assert r.status == status and r.json.get("field") == field and r.json["detail"], r
    assert slf.rest("GET", path(name)).status == 404
    assert slf.rest("GET", "/v1/slf", token="a wrong token of some length").status == 401


def test_imsctl_sets_lists_and_removes_routes(slf, tmp_path):
    config = tmp_path / "imsctl.yaml"
    config.write_text(f"domain: ims.test\nslf: 'https://{slf.address}:8443'\nca: {slf.pki}\ntoken_file: {slf.state}/admin.token\n")

    def imsctl(*words):
        return subprocess.run([BIN / "imsctl", "--config", config, "slf", *words], capture_output=True, text=True, timeout=20)
    assert imsctl("set", "sip:ctl!.*!@ctl.test", "h1.ims.test,h2.ims.test").returncode == 0
    shown = imsctl("list", "--limit", "5000").stdout
    assert [line.split() for line in shown.splitlines() if "ctl.test" in line] == [
        ["sip:ctl!.*!@ctl.test", "wildcard", "h1.ims.test,", "h2.ims.test"]]
    assert imsctl("remove", "sip:ctl!.*!@ctl.test").returncode == 0 and "ctl.test" not in imsctl("list", "--limit", "5000").stdout
    again = imsctl("remove", "sip:ctl!.*!@ctl.test")
    assert again.returncode == 1 and again.stderr
    assert imsctl("set", "sip:x@ctl.test", "no host").returncode == 1


# ---- CSCFs that follow it ----

@pytest.fixture(scope="module")
def slf_core(loop, tmp_path_factory):
    core = Core(loop, tmp_path_factory.mktemp("slf") / "run", NETS[2], slf=True, users=30, aka=0)
    yield core
    core.stop()


@pytest.fixture
def two(slf_core):
    """A core with two HSSs; a user of each."""
    for name in list(slf_core.killed):
        slf_core.start(name)
    n = next(slf_core.users)
    one, other = f"one{n}", f"other{n}"
    slf_core.subscriber(one, at="hss")
    slf_core.subscriber(other, at="hss2")
    slf_core.imsctl("slf", "set", f"sip:{other}@ims.test", "hss2.ims.test")
    yield slf_core, slf_core.phone(one, "secret"), slf_core.phone(other, "secret")
    for name in list(slf_core.killed):
        slf_core.start(name)
    slf_core.close_phones()


def redirects(core, name, event):
    return core.metric(name, 'minims_diameter_redirects_total{event="%s"}' % event)


def asked(core, name):
    """How many questions an HSS or the SLF answered."""
    return sum(float(line.split()[-1]) for line in core.ops(name, "/metrics").splitlines() if line.startswith("minims_diameter_total"))


def test_users_of_two_hsss_register_and_call_each_other(two):
    core, one, other = two
    one.register()
    other.register()
    talk(one, other)
    talk(other, one)
    load = core.new_phone()  # of the second HSS, by wildcard
    load.register()
    talk(load, one)
    for phone in (one, other, load):
        phone.deregister()


def test_what_the_slf_said_is_remembered(two):
    core, one, other = two
    other.register()
    before = {n: (redirects(core, n, "followed"), redirects(core, n, "known")) for n in ("icscf", "scscf")}
    slf, hss2 = asked(core, "slf"), asked(core, "hss2")
    other.register()
    for name, (followed, known) in before.items():
        assert redirects(core, name, "followed") == followed
    assert redirects(core, "icscf", "known") > before["icscf"][1]
    assert asked(core, "slf") == slf and asked(core, "hss2") > hss2


def test_unknown_users_get_the_right_answer(two):
    core, one, _ = two
    one.register()
    stranger = core.phone("nobody", "secret")
    assert stranger.try_register().status == 403                      # [TS 24.229 5.3.1.2]
    assert one.invite("sip:nobody@ims.test").final().status == 404    # [TS 24.229 5.3.2.1]
    assert one.invite("tel:+4930").final().status == 404              # the SLF itself knows none


def test_a_user_who_moved_is_found_again(two):
    core, one, other = two
    one.register()
    one.deregister()
    name = one.impu[4:]
    core.rest("DELETE", "/v1/subscribers/" + name)
    core.subscriber(name.split("@")[0], at="hss2")
    core.imsctl("slf", "set", one.impu, "hss2.ims.test")
    forgotten = redirects(core, "icscf", "forgotten")
    one.register()
    assert redirects(core, "icscf", "forgotten") > forgotten
    other.register()
    talk(other, one)


def test_one_hss_that_is_gone_hurts_its_own_users_only(two):
    core, one, other = two
    one.register()
    other.register()
    core.kill("hss2")
    until(lambda: other.register_once().status in (480, 504), 10, "an HSS is missed")
    again = core.same_user(one)
    again.register()
    assert core.ops("icscf", "/health")["ready"] and core.ops("scscf", "/health")["ready"]  # others are served
    core.start("hss2")
    until(lambda: other.try_register(expires=600).status == 200, 10, "a registration at the HSS that is back")
    talk_soon(core, one, other)


def test_without_the_slf_those_remembered_go_on(two):
    core, one, other = two
    one.register()
    other.register()
    talk(one, other)
    core.kill("slf")
    until(lambda: not core.ops("icscf", "/health")["ready"], 10, "the loss of the SLF")
    one.register()
    talk(one, other)
    assert core.phone("nobody", "secret").register_once().status == 480
    core.start("slf")
    until(lambda: core.ops("icscf", "/health")["ready"], 10, "the return of the SLF")
