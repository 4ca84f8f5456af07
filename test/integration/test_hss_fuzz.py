# SPDX-License-Identifier: Apache-2.0
"""Mutated Diameter: to the HSS, and from an evil HSS to our client. FUZZ_DIAMETER: how many messages, default 500."""
import json
import os
import random
import subprocess
import sys
import threading

from hss_alone import BIN, CLIENT, NET, ROOT, TOOLS, another, make_user, until  # noqa: F401

from hss_alone import wire
from test_hss_cx import user_data
from test_hss_sh import connect, data
from wire_sh import repository, sh_data

sys.path.insert(0, str(ROOT / "test/fuzz"))
import diameter_mutate  # noqa: E402
import rest_mutate  # noqa: E402

MESSAGES = int(os.environ.get("FUZZ_DIAMETER", "500"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SANITIZED = b"__asan_init" in (BIN / "hss").read_bytes()
EVIL, VICTIM = f"{NET}.66", f"{NET}.67"


def users_of(h):
    user = make_user(h)
    aka = make_user(h, credentials={"scheme": "aka", "k": "0" * 32, "opc": "1" * 32}, identities=[{"impu": "sip:aka@fuzz.test"}])
    h.put(aka.impi, identities=[{"impu": f"sip:{aka.impi}"}])
    return user.impi, user.impu, aka.impi


def test_mutated_requests_neither_end_the_hss_nor_make_it_grow(another):
    h = another(options="trace: {mode: off}\nsh: {unknown_as: all}\n")
    users = users_of(h)
    progress = MESSAGES // 10 if MESSAGES > 2000 else None
    diameter_mutate.harass(h.address, EVIL, users, SEED + 1000000, 300)  # its pools and threads
    before = h.memory_kb()
    closed = diameter_mutate.harass(h.address, EVIL, users, SEED, MESSAGES, progress=progress)
    assert 0 < closed < MESSAGES / 2  # most are answered
    with h.connect() as c:
        for _ in range(2000):
            assert c.uar(users[0], users[1]).result.startswith("cx:")
    # a connection that was cut is kept for a minute by the stack: some 8 kB each
    assert SANITIZED or h.memory_kb() - before < 2048 + 12 * min(closed, 4000), (before, h.memory_kb(), closed)
    assert h.ops("/health").json["ready"] and h.ops("/live").status == 200
    text = h.log_text()
    assert "event=died" not in text and "password" not in text
    h.stop(leaks=False)


SHAPES = [b"", b"<", b">", b"/", b"&", b"&#0;", b"&a;", b"]]>", b"<![CDATA[", b"<!--", b"<?x?>", b"\xff", b"\x00", b"\xc3", b'"', b"<ServiceData>",
          b"</RepositoryData>", b"<!DOCTYPE a [<!ENTITY a 'b'>]>", b"<a xmlns='urn:x'>", b"65536", b"-1", b" " * 1000]


def test_mutated_documents_of_an_application_server_do_no_harm(another):
    """Sh-Data of a PUR with octets wrong: what is taken comes back as a valid document. [TS 29.328 annex D]"""
    h = another(options="trace: {mode: off}\nsh: {unknown_as: all}\n")
    impu = users_of(h)[1]
    r, c, taken = random.Random(SEED), connect(h, "as.ims.test"), 0
    good = sh_data(repository("fuzz", 0, '<x:a xmlns:x="urn:x" b="c">text<d/></x:a>') +
                   "<Sh-IMS-Data><Extension><PSIActivation>1</PSIActivation></Extension></Sh-IMS-Data>").encode()
    for i in range(MESSAGES):
        document = good if i % 3 else good.replace(b"<Sh-IMS-Data>", b"<!--").replace(b"</Sh-IMS-Data>", b"-->")
        document = document.replace(b">0<", b">%d<" % taken).replace(b"<Extension>", b"").replace(b"</Extension>", b"")
        for _ in range(r.choice([0, 1, 1, 2, 5])):
            at = r.randrange(len(document))
            document = document[:at] + r.choice(SHAPES) + document[at + r.choice([0, 0, 1, 5, 50]):]
        pua = c.pur(impu, 0, document)
        assert pua.result in ("SUCCESS", "sh:USER_DATA_NOT_RECOGNIZED", "sh:TRANSPARENT_DATA_OUT_OF_SYNC", "INVALID_AVP_VALUE", "MISSING_AVP"), pua
        if pua.result == "SUCCESS":
            uda = c.udr(impu, 0, "fuzz")
            taken = taken + 1 if uda.get(wire.SH_USER_DATA) is not None else taken
            if uda.get(wire.SH_USER_DATA) is not None:
                taken = int(data(uda).findtext("RepositoryData/SequenceNumber")) + 1
    assert taken
    h.stop()


WHOLE = {"impi": "m@fuzz.test", "subscription": "fuzz", "credentials": {"scheme": "digest", "password": "x", "realm": "ims.test"},
         "identities": [{"impu": "sip:m@fuzz.test", "barred": False, "set": 1, "display_name": "M", "profile": "<ServiceProfile><InitialFilterCriteria>"
                         "<Priority>1</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF><SPT><Group>0</Group><Method>INVITE</Method></SPT>"
                         "</TriggerPoint><ApplicationServer><ServerName>sip:as</ServerName></ApplicationServer></InitialFilterCriteria></ServiceProfile>"},
                        {"impu": "tel:+1555", "kind": "wildcarded-psi", "as": "sip:as@ims.test", "wildcard": "sip:!.*!@x", "alias_group": "g",
                         "loose_route": True, "priority_level": 1, "max_registrations": 2, "trace": "t"}],
         "capabilities": {"mandatory": [1], "optional": [2], "servers": ["sip:s"]}, "visited_networks": ["a"], "charging": {"primary_ccf": "aaa://x"},
         "cloud": [{"provider": "p", "user": "u", "registration_guard": "token", "second_factor": True, "services": {"compute": 1}}],
         "privileged_sender": True, "reference_location": {"type": "ADSL", "info": "i", "value": "v"}}


def test_mutated_provisioning_does_no_harm(another):
    """What is taken can be shown, and makes a User-Data that is valid; the rest is refused line by line."""
    h = another()
    r, taken = random.Random(SEED), 0
    for _ in range(max(MESSAGES // 200, 2)):
        lines = []
        for i in range(200):
            n = r.randrange(10 ** 9)
            impus = [f"sip:m{n}@fuzz.test", f"tel:+1{n:010}"]
            subscriber = {**WHOLE, "impi": f"m{n}@fuzz.test", "subscription": f"s{n}",
                          "identities": [{**u, "impu": impu} for u, impu in zip(WHOLE["identities"], impus)]}
            for _ in range(r.choice([1, 1, 2, 4])):
                subscriber = rest_mutate.mutated(r, subscriber) if isinstance(subscriber, dict) else subscriber
            text = json.dumps(subscriber)
            if r.random() < 0.2:
                at = r.randrange(len(text))
                text = text[:at] + r.choice(["", "\\", "\x01", "}", "{", ",", "\u0000"]) + text[at + r.randrange(3):]
            lines.append(text.replace("\n", " ").encode())
        answer = h.rest("POST", "/v1/subscribers", b"\n".join(lines), headers={"Content-Type": "application/x-ndjson"})
        assert answer.status == 200, answer
        assert answer.json["loaded"] + answer.json["failed"] == len([line for line in lines if line]), answer
        taken += answer.json["loaded"]
    assert taken > MESSAGES // 20
    c = h.connect()
    shown = h.rest("GET", "/v1/subscribers?limit=300")
    assert shown.status == 200
    for s in shown.json["subscribers"]:
        for identity in s["identities"]:
            saa = c.sar(s["impi"], identity["impu"], 3)
            assert saa.result in ("SUCCESS", "cx:IN_ASSIGNMENT_TYPE"), (s, saa)
            if saa.result == "SUCCESS":
                user_data(saa)
    h.stop()


def test_good_traffic_leaks_nothing(another):
    """With a sanitizer every block that nobody knows any more is found at the end; without one, growth."""
    h = another(options="trace: {mode: off}\n")  # its rings fill up to their size
    impi, impu, aka = users_of(h)
    c = h.connect()

    def traffic(n):
        for i in range(n):
            c.uar(impi, impu), c.mar(impi, impu), c.mar(aka, f"sip:{aka}", "Digest-AKAv1-MD5", items=5)
            c.sar(impi, impu, 1 if i % 2 else 5), c.lir(impu), c.sar(impi, "sip:nobody@ims.test", 1), c.lir("sip:nobody@ims.test")
            c.ask(c.build(300, []))
    traffic(300)
    before = h.memory_kb()
    traffic(700)
    assert SANITIZED or h.memory_kb() - before < 1024
    h.stop()


def test_answers_of_an_evil_hss_never_end_the_client(tmp_path):
    """[freeDiameter's parser aborts on some] Every question ends, and the next good answer is understood."""
    n = min(MESSAGES, 3000)
    questions = [{"ask": "uar", "impi": "a@ims.test", "impu": "sip:a@ims.test"}, {"ask": "lir", "impu": "sip:a@ims.test"},
                 {"ask": "mar", "impi": "a@ims.test", "impu": "sip:a@ims.test"},
                 {"ask": "sar", "impi": "a@ims.test", "impus": ["sip:a@ims.test"], "type": 1}]
    evil = diameter_mutate.EvilHss(VICTIM, EVIL, SEED)
    client = subprocess.Popen([TOOLS / "cxtool", VICTIM, EVIL, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=open(tmp_path / "log", "w"), text=True,
                              env=dict(os.environ, CX_TIMEOUT_MS="300", LSAN_OPTIONS=f"suppressions={ROOT}/test/lsan.supp"))
    answers = []
    reader = threading.Thread(target=lambda: answers.extend(json.loads(line) for line in client.stdout), daemon=True)

    def ask(first, last):
        for i in range(first, last):
            client.stdin.write(json.dumps({**questions[i % 4], "id": i}) + "\n")
        client.stdin.flush()
    evil.start()
    reader.start()
    try:
        ask(0, n)
        until(lambda: len(answers) == n, 60, "the end of each question")
        evil.spare = True
        ask(n, n + 200)
        client.stdin.close()
        status = client.wait(60)
        reader.join(10)
    finally:
        evil.stop()
        client.kill()
        client.wait()
    assert status == 0, (tmp_path / "log").read_text()[-6000:]
    assert sorted(a["id"] for a in answers) == list(range(n + 200))
    assert {a.get("result") for a in answers if a["id"] >= n + 100} == {"DIAMETER_FIRST_REGISTRATION", "DIAMETER_SUCCESS"}
    errors = {a["error"] for a in answers if "error" in a}
    assert "EBADMSG" in errors and errors <= {"EBADMSG", "ETIMEDOUT", "ENOTCONN"}
