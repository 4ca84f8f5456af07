# SPDX-License-Identifier: Apache-2.0
"""What an operator builds on: /health, /live, /metrics, /trace, the records of the S-CSCF, and what lies in run/. [INTERFACES]"""
import http.client
import json
import os
import re
import stat
import urllib.error
import urllib.request
from hashlib import md5, sha256

import pytest

from core import until

DAEMONS = ["pcscf", "icscf", "scscf", "hss"]
CSCFS = DAEMONS[:3]
TIME = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"


@pytest.fixture
def talked(core, alice, bob):
    """alice and bob, who have registered, called each other and written."""
    alice.register()
    bob.register()
    call = alice.invite(bob)
    bob.ring().accept()
    call.established().hang_up()
    assert alice.request("MESSAGE", bob, body=b"hello").final().status == 200
    return alice, bob


# ---- the ops door ----

@pytest.mark.parametrize("name", DAEMONS)
def test_health_tells_who_it_is_and_whom_it_knows(core, name):
    health = core.ops(name, "/health")
    assert health["ready"] is True and health["daemon"] == name and re.fullmatch(r"\d+\.\d+\.\d+.*", health["version"])
    for peer in health["peers"]:
        living = peer["name"] != "scscf2.ims.test"  # the spare one: whoever asked for it found nobody
        assert peer["protocol"] in ("cx", "sip", "http", "sql") and re.fullmatch(TIME, peer["since"]), peer
        assert peer["state"] == "up" or not living, peer
    known = {p["name"] for p in health["peers"] if p["protocol"] == "cx"}
    assert known >= {"pcscf": set(), "icscf": {"hss.ims.test"}, "scscf": {"hss.ims.test"}, "hss": {"icscf.ims.test", "scscf.ims.test"}}[name]


@pytest.mark.parametrize("name", DAEMONS)
def test_it_is_live(core, name):
    assert core.ops(name, "/live") == {"live": True}


def test_without_its_hss_a_server_is_not_ready_but_live(new_core):
    """503, and the peer is named."""
    core = new_core(capture=False)
    core.kill("hss")
    for name in ("icscf", "scscf"):
        until(lambda: not core.ops(name, "/health")["ready"], 10, "the news")
        with pytest.raises(urllib.error.HTTPError) as e:
            urllib.request.urlopen("http://%s:9090/health" % core.address(name), timeout=5)
        assert e.value.code == 503
        assert [p["state"] for p in core.ops(name, "/health")["peers"] if p["name"] == "hss.ims.test"] == ["down"]
        assert core.ops(name, "/live") == {"live": True} and core.metric(name, 'minims_peer_up{peer="hss.ims.test"}') == 0


def test_only_who_is_allowed_may_ask(new_core):
    """ops.allow"""
    core = new_core(options=["scscf:ops.allow=[127.0.0.1/32]"], capture=False)
    stranger = urllib.request.build_opener(From("%s.99" % core.net))
    for path in ("/health", "/metrics", "/trace"):
        assert stranger.open("http://%s:9090%s" % (core.address("icscf"), path), timeout=5).status == 200
        with pytest.raises(OSError) as e:
            stranger.open("http://%s:9090%s" % (core.address("scscf"), path), timeout=5)
        assert isinstance(e.value, ConnectionResetError) or getattr(e.value, "code", None) == 403
    assert core.ops("scscf", "/health")["ready"]


@pytest.mark.parametrize("name", DAEMONS)
def test_the_counters_have_their_names_and_count(core, talked, name):
    text = core.ops(name, "/metrics")
    wanted = {"minims_procedure_seconds", "minims_rejected_total"}
    wanted |= {"minims_sip_requests_total", "minims_sip_responses_total"} if name in CSCFS else set()
    wanted |= {"minims_diameter_total", "minims_peer_up"} if name != "pcscf" else set()
    wanted |= {"pcscf": {"minims_bindings"}, "scscf": {"minims_bindings", "minims_dialogs"}}.get(name, set())
    assert wanted <= set(re.findall(r"^# TYPE (\w+)", text, re.M))
    for label in {"pcscf": ['minims_sip_requests_total{method="INVITE",from="ue"}'], "icscf": ['minims_diameter_total{command="UAR",result="'],
                  "scscf": ['minims_sip_responses_total{method="INVITE",code="200"}', 'minims_diameter_total{command="SAR",result="'],
                  "hss": ['minims_diameter_total{command="MAR",result="']}[name]:
        values = [float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(label)]
        assert values and sum(values) >= 1, "%s in\n%s" % (label, text)


@pytest.mark.parametrize("name", DAEMONS)
def test_no_identity_is_a_label(core, talked, name):
    text = core.ops(name, "/metrics")
    for p in talked:
        assert p.user not in text and p.ip not in text


def test_registrations_and_calls_are_counted_up_and_down(core, alice, bob):
    before, dialogs = (core.metric("scscf", m) for m in ("minims_bindings", "minims_dialogs"))
    alice.register()
    bob.register()
    assert core.metric("scscf", "minims_bindings") == before + 2
    call = alice.invite(bob)
    bob.ring().accept()
    call.established()
    until(lambda: core.metric("scscf", "minims_dialogs") > dialogs, 5, "a dialog")
    call.hang_up()
    until(lambda: core.metric("scscf", "minims_dialogs") == dialogs, 5, "the end of the dialog")
    alice.deregister()
    assert core.metric("scscf", "minims_bindings") == before + 1


def test_a_trace_has_its_documented_form(core, talked):
    """/trace and /trace/ID of each daemon; one id for all daemons."""
    alice, bob = talked
    entries = [e for e in core.ops("scscf", "/trace") if e["identity"] == alice.impu]
    assert all(set(e) >= {"id", "identity", "procedure", "result", "time"} for e in entries)
    call = next(e for e in reversed(sorted(entries, key=lambda e: e["time"])) if e["procedure"] == "scscf.originating")
    for name in ("pcscf", "scscf"):
        messages = core.ops(name, "/trace/" + call["id"])
        assert messages and all(set(m) >= {"time_ns", "from", "to", "protocol", "summary", "message"} for m in messages)
        assert any(m["summary"].startswith("MESSAGE") and m["message"].startswith("MESSAGE ") for m in messages)


# ---- records ----

def records(core, call_id):
    with open(core.run + "/scscf.cdr") as f:
        lines = [json.loads(line) for line in f]
    return [r for r in lines if r.get("call_id") == call_id]


def test_a_registration_leaves_a_record(core, alice):
    alice.register()
    r, = [r for r in records(core, alice.register_call_id) if r["result"] == 200]
    assert r["type"] == "registration" and r["party"] == alice.impu and r["private_identity"] == alice.impi
    assert r["icid"] and r["orig_ioi"] == "ims.test" and re.fullmatch(TIME, r["time"])


def test_a_call_leaves_a_record_of_each_half_at_its_end(core, alice, bob):
    """icid, ioi, parties, times, result; the icid is that of the wire."""
    alice.register()
    bob.register()
    with core.wire() as wire:
        call = alice.invite(bob)
        bob.ring().accept()
        call.established()
        assert not records(core, call.invite.call_id)
        call.hang_up()
    found = until(lambda: len(records(core, call.invite.call_id)) == 2 and records(core, call.invite.call_id), 5, "two records")
    icid = re.search(r'icid-value="?([^";,]+)', wire.sip("INVITE", at="scscf")[0].get("p-charging-vector")).group(1)
    assert {r["case"] for r in found} == {"originating", "terminating"}
    for r in found:
        assert r["icid"] == icid and r["from"] == alice.impu and r["to"] == bob.impu and r["result"] == 200
        assert r["start"] <= r["answer"] <= r["end"] and r["orig_ioi"] == r["term_ioi"] == "ims.test"


def test_a_refused_call_and_a_message_leave_records(core, alice, bob):
    alice.register()
    bob.register()
    call = alice.invite(bob)
    bob.called().reject(486)
    assert call.final().status == 486
    found = until(lambda: len(records(core, call.invite.call_id)) == 2 and records(core, call.invite.call_id), 5, "two records")
    assert {r["result"] for r in found} == {486} and not any("answer" in r for r in found)
    sent = alice.request("MESSAGE", bob, body=b"hello")
    sent.final()
    found = until(lambda: records(core, sent.request.call_id), 5, "records")
    assert {r["type"] for r in found} == {"message"} and {r["result"] for r in found} == {200}


# ---- run/ ----

def test_no_password_or_key_lies_in_clear_under_run(core, alice):
    """Passwords, HA1, K; and what holds a key is its owner's only."""
    alice.register()
    core.aka_phone().register()
    ha1 = [h(("%s:ims.test:%s" % (alice.impi, alice.password)).encode()) for h in (md5, sha256)]
    k = sha256(b"K:aka000001@ims.test").digest()[:16]
    secrets = [alice.password.encode(), k, k.hex().encode(), k.hex().upper().encode()] + [s for h in ha1 for s in (h.digest(), h.hexdigest().encode())]
    seen = 0
    for folder, _, names in os.walk(core.run):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                content = f.read()
            seen += 1
            assert not [s for s in secrets if s in content], path
            if b"PRIVATE KEY" in content or name.endswith((".key", ".token", ".db", ".mdb")):
                assert not stat.S_IMODE(os.stat(path).st_mode) & 0o077, path
    assert seen > 20


class From(urllib.request.HTTPHandler):
    """HTTP from an address of ours."""

    def __init__(self, address):
        super().__init__()
        self.address = address

    def http_open(self, request):
        return self.do_open(lambda host, **kw: http.client.HTTPConnection(host, source_address=(self.address, 0), **kw), request)
