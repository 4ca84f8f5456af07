# SPDX-License-Identifier: Apache-2.0
"""What happened, as the operator sees it: the list of procedures, ladders, pictures, captures, and explanations in plain words."""
import os
import re
import subprocess
import xml.etree.ElementTree

import pytest

from aka import Isim, WrongMac, opc_of
from call import sdp
from capture import Diameter
from core import ROOT
from imsctl import DONE, NOT_REACHED, REFUSED, USAGE, imsctl, values

K, OP = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"


# ---- the list ----

def test_the_last_procedures_are_listed_by_time(core, alice):
    alice.register()
    mine = [p for p in values(core, "trace", "--limit", "1000") if p["identity"] == alice.impu]
    assert {(p["procedure"], p["result"]) for p in mine} >= {("pcscf.registration", 401), ("scscf.registration", 401), ("icscf.registration", 200),
                                                             ("pcscf.registration", 200), ("scscf.registration", 200)}
    assert [p["time"] for p in mine] == sorted(p["time"] for p in mine)
    assert {p["daemon"] for p in mine} == {"pcscf", "icscf", "scscf"}
    lines = imsctl(core, "trace", "--limit", "3").out.splitlines()
    assert len(lines) == 4 and lines[0].split() == ["TIME", "(UTC)", "IDENTITY", "PROCEDURE", "RESULT", "MS", "ID"]
    assert lines[3].endswith(mine[-1]["id"])


# ---- the ladder ----

def on_the_wire(core, wire):
    """[(from, to, "sip" or "diameter", what)] as the capture has it, in order."""
    def name(address):
        return wire.host(address[0])
    return [(name(m.src), name(m.dst), "diameter" if isinstance(m, Diameter) else "sip") for m in wire.all()
            if not isinstance(m, Diameter) or m.name in ("UAR", "MAR", "SAR", "LIR")]


def test_a_ladder_has_each_message_of_the_wire_once(core, alice):
    with core.wire() as wire:
        alice.register()
    expected = on_the_wire(core, wire)
    got = [(m["from"].split(":")[0], m["to"].split(":")[0], m["protocol"]) for m in values(core, "trace", alice.impu)]
    assert len(got) == len(expected) == 20
    assert sorted(p for _, _, p in got) == sorted(p for _, _, p in expected)
    assert sorted((a, b) for a, b, p in got if p == "sip") == sorted((a, b) for a, b, p in expected if p == "sip")


def test_a_registration_is_drawn_as_it_went(core, alice):
    alice.register()
    done = imsctl(core, "trace", alice.user)
    lines = done.out.splitlines()
    assert done.status == DONE and lines[0] == "%s is %s" % (alice.user, alice.host_port)
    assert lines[1].split() == ["ms", alice.user, "pcscf", "icscf", "scscf", "hss"]
    said = [re.sub(r"[^A-Za-z0-9 ]+", "", line.split(maxsplit=1)[1]).strip() for line in lines[2:]]
    assert said == ["REGISTER", "REGISTER", "UAR", "UAA 2001", "REGISTER", "MAR", "MAA 2001", "401 Unauthorized", "401 Unauthorized", "401 Unauthorized",
                    "REGISTER", "REGISTER", "UAR", "UAA 2002", "REGISTER", "SAR", "SAA 2001"] + [said[-1]] * 3 and said[-1].startswith("200")
    times = [float(line.split()[0]) for line in lines[2:]]
    assert times == sorted(times) and times[0] == 0
    assert "─REGISTER─" in lines[2] and "▶" in lines[2] and "═UAR═" in lines[4] and "◀" in lines[5]
    assert max(map(len, lines)) <= 120


def test_a_call_is_found_by_call_id_icid_and_identity(core, alice, bob):
    alice.register()
    bob.register()
    call = alice.invite(bob)
    bob.ring().accept()
    call.established().hang_up()
    by_call_id = values(core, "trace", call.invite.call_id)
    icid = next(m["id"] for m in by_call_id if m["to"] == "icscf" and m["summary"] == "INVITE")
    assert icid != call.invite.call_id and {m["summary"] for m in by_call_id} >= {"INVITE", "LIR", "LIA 2001", "ACK", "BYE", "200 OK (BYE)"}
    ends = [(m["from"], m["to"], m["summary"]) for m in by_call_id]
    assert len(ends) == len(set((e, m["message"]) for e, m in zip(ends, by_call_id)))
    for name in (icid, bob.impu, alice.user):
        assert [(m["from"], m["to"], m["summary"]) for m in values(core, "trace", name)] == ends, name


def test_a_ladder_is_ascii_where_the_locale_is_and_as_wide_as_the_terminal(core, alice):
    alice.register()
    plain = imsctl(core, "trace", alice.user, LC_ALL="C", COLUMNS="80")
    assert plain.out.isascii() and "|-REGISTER" in plain.out and "|=UAR===" in plain.out and ">|" in plain.out and "|<" in plain.out
    assert max(map(len, plain.out.splitlines())) <= 80 < max(map(len, imsctl(core, "trace", alice.user, COLUMNS="110").out.splitlines()))


def test_texts_are_shown_on_demand_without_secrets(core, alice):
    alice.register()
    quiet, full = imsctl(core, "trace", alice.user), imsctl(core, "trace", alice.user, "--messages")
    assert "Via:" not in quiet.out
    assert "Call-ID: " in full.out and "Public-Identity: " + alice.impu in full.out and set(re.findall(r"Digest-HA1: (.*)", full.out)) <= {"(blank, 32 octets)", "(blank, 64 octets)"}
    assert set("".join(re.findall(r'[^a-z]response="(.*?)"', full.out))) == {"x"} and "Digest-HA1" in full.out


def test_of_what_nobody_knows_there_is_no_ladder(core):
    done = imsctl(core, "trace", "no-such-call@nowhere")
    assert done.status == REFUSED and "no daemon knows a message of no-such-call@nowhere" in done.err
    assert imsctl(core, "trace", "--svg", "x.svg").status == USAGE


# ---- files ----

def test_a_picture_is_svg_of_its_own(core, alice, tmp_path):
    alice.register()
    path = tmp_path / "ladder.svg"
    done = imsctl(core, "trace", alice.user, "--svg", str(path))
    assert done.status == DONE and done.out == "%s: 20 messages\n" % path
    tree = xml.etree.ElementTree.parse(path)
    texts = {"".join(t.itertext()) for t in tree.iter("{http://www.w3.org/2000/svg}text")}
    assert texts >= {"Trace of " + alice.user, alice.user, alice.host_port, "pcscf", "icscf", "scscf", "hss", "UAA 2001", "401 Unauthorized (REGISTER)"}
    assert not re.search("href|<image|<script", path.read_text())
    width = int(tree.getroot().get("width"))
    assert all(0 <= float(line.get(x)) <= width for line in tree.iter("{http://www.w3.org/2000/svg}line") for x in ("x1", "x2"))


def tshark(path, *arguments):
    p = subprocess.run(["tshark", "-2", "-r", str(path), *arguments], capture_output=True, text=True, timeout=60)
    assert p.returncode == 0, p.stderr
    return p.stdout.splitlines()


def test_a_capture_is_read_by_tshark_without_a_complaint(core, tmp_path):
    phone, path = core.aka_phone(), tmp_path / "trace.pcap"
    phone.register()
    done = imsctl(core, "trace", phone.user, "--pcap", str(path))
    assert done.status == DONE, done
    fields = ["ip.src", "ip.dst", "sip.Method", "sip.Status-Code", "diameter.cmd.code", "diameter.answer_in"]
    rows = [line.split("\t") for line in tshark(path, "-T", "fields", *[x for f in fields for x in ("-e", f)])]
    assert len(rows) == len(values(core, "trace", phone.user)) and all(r[2] or r[3] or r[4] for r in rows)
    assert rows[0][:3] == [phone.ip, core.address("pcscf"), "REGISTER"]
    questions = [r for r in rows if r[4] and r[1] == core.address("hss")]
    assert [r[4] for r in questions] == ["300", "303", "300", "301"] and all(r[5] for r in questions), "each question finds its answer"
    wrong = '_ws.malformed || _ws.expert.severity >= "Warning" || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0'
    assert tshark(path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-Y", wrong) == []
    secrets = tshark(path, "-Y", "diameter", "-T", "fields", *[x for c in ("Confidentiality-Key", "Integrity-Key", "SIP-Authorization")
                                                            for x in ("-e", "diameter." + c)])
    assert {s.strip("\t,").replace("\t", "").replace(",", "") for s in secrets} <= {"", "0" * 64, "0" * 80, "0" * 96}


def test_a_call_with_66_kB_of_sdp_fits_into_a_capture(core, tmp_path):
    a, b, path = core.new_phone("tcp"), core.new_phone("tcp"), tmp_path / "trace.pcap"
    a.register()
    b.register()
    call = a.invite(b, body=sdp(a.ip, pad=66000))
    b.ring().accept()
    call.established().hang_up()
    assert imsctl(core, "trace", call.invite.call_id, "--pcap", str(path)).status == DONE
    sizes = [int(s) for s in tshark(path, "-Y", "sip.Method == INVITE", "-T", "fields", "-e", "sip.Content-Length")]
    assert len(sizes) == 6 and min(sizes) > 65536
    assert tshark(path, "-Y", "_ws.malformed") == []


# ---- explanations ----

def explained(core, user, verdict, cause, advice):
    """The verdict, and parts of what is said."""
    told = values(core, "explain", user)
    assert told["verdict"] == verdict and cause in told["cause"] and advice in told["advice"], told
    done = imsctl(core, "explain", user)
    assert done.status == DONE and told["cause"] in done.out and "-> " + told["advice"] in done.out
    return told


def test_all_is_well(core, alice):
    alice.register()
    told = values(core, "explain", alice.user)
    assert told["verdict"] == "well" and told["registrations"][0]["contacts"][0]["uri"] == alice.contact_uri and not told["failure"]
    assert "All is well" in imsctl(core, "explain", alice.impu).out


def test_an_unknown_identity_is_explained(core):
    core.phone("stranger", "x").try_register()
    told = explained(core, "stranger", "failed", "The HSS knows no subscriber of the user name", "imsctl subscriber add")
    assert told["failure"]["daemon"] == "hss" and told["subscriber"] is None


def test_another_subscribers_identity_is_explained(core, alice, bob):
    core.phone(alice.user, alice.password, impu=bob.impu).try_register()
    explained(core, bob.impu, "failed", "belong to different subscribers", "")


def test_a_wrong_password_is_explained(core, alice):
    core.same_user(alice)
    thief = core.phone(alice.user, "guess")
    first = thief.try_register()
    assert first.status in (401, 403)
    told = explained(core, alice.user, "failed", "The password of the phone is not that of the subscriber", "imsctl subscriber set %s --password-file F" % alice.impi)
    assert told["failure"]["daemon"] == "scscf"
    alice.register()
    assert values(core, "explain", alice.user)["verdict"] == "well", "what went well since counts"


def aka_subscriber(core, name, **sim):
    assert imsctl(core, "subscriber", "add", name + "@ims.test", "--k", K, "--op", OP).status == DONE
    k, op = bytes.fromhex(sim.get("k", K)), bytes.fromhex(sim.get("op", OP))
    return core.phone(name, isim=Isim(k, opc_of(k, op)))


def test_a_wrong_res_of_aka_is_explained_by_the_key(core):
    phone = aka_subscriber(core, "wrongres")
    first = phone.register_once()
    assert phone.register_once(authorization=phone.answer_challenge(first, password=b"12345678")).status == 401
    explained(core, "wrongres", "failed", "K or OPc", "imsctl subscriber set wrongres@ims.test --k HEX --opc HEX")


def test_a_usim_that_does_not_accept_the_network_is_explained(core):
    """[TS 24.229 5.1.1.5.3] the phone falls silent, or sends neither RES nor AUTS."""
    phone = aka_subscriber(core, "wrongkey", op="00" * 16)
    with pytest.raises(WrongMac):
        phone.try_register()
    explained(core, "wrongkey", "unanswered", "The phone was challenged, and did not answer", "K or OPc differ")


def test_an_auts_that_does_not_verify_is_explained(core):
    phone = aka_subscriber(core, "wrongauts")
    first = phone.register_once()
    phone.register_once(authorization=phone.answer_challenge(first, password=b"", auts="AAAAAAAAAAAAAAAAAAA="))
    told = explained(core, "wrongauts", "failed", "(SQN)", "--k HEX --opc HEX")
    assert told["failure"]["daemon"] == "hss"


def test_a_subscriber_without_credentials_is_explained(core):
    core.rest("POST", "/v1/subscribers", {"impi": "bare@ims.test", "identities": [{"impu": "sip:bare@ims.test"}]})
    core.phone("bare", "x").try_register()
    explained(core, "bare", "failed", "neither password nor key", "imsctl subscriber set bare@ims.test --password-file F")


def test_a_barred_user_is_explained(core):
    core.subscriber("locked", "secret", [{"impu": "sip:locked@ims.test", "barred": True}])
    core.phone("locked", "secret").try_register()
    explained(core, "locked", "failed", "barred", "")


def test_a_call_to_nobody_is_explained_to_the_caller(core, alice):
    alice.register()
    assert alice.invite("sip:nobody@ims.test").final().status == 404
    explained(core, alice.user, "failed", "No subscriber has the identity sip:nobody@ims.test", "")


def test_a_call_to_one_who_is_not_registered_is_explained_to_both(core, alice, bob):
    alice.register()
    assert alice.invite(bob).final().status == 480
    for user in (alice, bob):
        explained(core, user.user, "failed", "The called user is not registered", "Switch the called phone on")


def test_a_busy_callee_is_no_fault_of_the_network(core, alice, bob):
    alice.register()
    bob.register()
    call = alice.invite(bob)
    bob.ring().reject(486)
    assert call.final().status == 486
    explained(core, alice.user, "failed", "The called phone is busy", "Call later")


def test_a_call_without_registration_is_explained(core, alice):
    assert alice.invite("sip:user000001@ims.test").final().status == 403
    told = values(core, "explain", alice.user)
    assert told["verdict"] in ("failed", "idle") and told["registrations"] == []


def test_a_tel_number_is_a_user_too(core):
    core.subscriber("number", "secret", [{"impu": "sip:number@ims.test"}, {"impu": "tel:+15559777"}])
    core.phone("number", "wrong").try_register()
    told = explained(core, "+15559777", "failed", "The password of the phone", "number@ims.test")
    assert told["subscriber"]["impi"] == "number@ims.test"


def test_a_user_that_did_nothing_and_one_whom_nobody_knows(core):
    core.subscriber("quiet")
    explained(core, "quiet", "idle", "did nothing yet", "outbound proxy")
    done = imsctl(core, "explain", "whoever")
    assert done.status == REFUSED and "No subscriber has the identity sip:whoever@ims.test, and no daemon has heard of it." in done.out


def test_a_dead_hss_is_explained(new_core):
    core = new_core()
    alice = core.new_phone()
    core.kill("hss")
    assert alice.try_register(within=20).status in (480, 504)
    told = imsctl(core, "explain", alice.user)
    assert told.status == DONE and "The HSS did not answer." in told.out and "imsctl status" in told.out
    assert "hss: not reached" in told.err and "only 3 of 4 daemons were reached" in told.err
    core.kill("pcscf"), core.kill("icscf"), core.kill("scscf")
    assert imsctl(core, "explain", alice.user).status == NOT_REACHED


# ---- the table of causes ----

def refusals():
    """Every reason that a daemon gives: the texts of request_answer() and refuse(), as far as they are in the call."""
    for daemon in ("pcscf", "icscf", "scscf", "hss"):
        for name in sorted(os.listdir(os.path.join(ROOT, daemon))):
            if name.endswith(".c"):
                with open(os.path.join(ROOT, daemon, name)) as f:
                    text = f.read()
                for call in re.findall(r"\b(?:request_answer|refuse|refuse_for)\(r, ([^;]*?)\);", text, re.S):
                    yield from ((daemon + "/" + name, why) for why in re.findall(r'"([^"]{8,})"', call))


def test_every_refusal_of_a_daemon_has_an_advice():
    """A new reason needs a line in ctl/advice.c, unless it speaks of peers rather than users."""
    with open(os.path.join(ROOT, "ctl", "advice.c")) as f:
        parts = re.findall(r'^\t\{ "([^"]+)", (?:NULL|"aka")', f.read(), re.M)
    among_peers = ("a request for the", "a stranger", "neither a sip nor a tel URI", "an assignment type", "one public identity is expected", "no public identity",
                   "no private identity", "RAND and AUTS", "another S-CSCF serves", "registered already", "a Contact that is no SIP URI", "Contact: *",
                   "the reg event", "profile not read", "the HSS gave no profile", "challenge not kept", "HSS says", "HSS does not assign", "HSS gives no vector",
                   "HSS refuses", "HSS not told", "no other", "more than sh.repository_kb", "the sequence number does not", "no such DSAI tag",
                   "restoration information", "no node that serves the user's access", "the AS is not in", "the external identifier", "more than one question",
                   "more than a message")
    told = list(refusals())
    assert len(told) > 50 and len(parts) > 40
    without = [t for t in told if not any(p in t[1] for p in parts) and not t[1].startswith(among_peers)]
    assert not without, without
