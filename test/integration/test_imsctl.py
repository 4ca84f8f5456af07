# SPDX-License-Identifier: Apache-2.0
"""The operator's command on a running core: subscribers, registrations, calls, status; and what it says when it cannot."""
import json
import os
import re
import subprocess

import pytest

from aka import Isim, Tuak, opc_of
from core import BIN, ROOT, until
from imsctl import DONE, NOT_REACHED, REFUSED, USAGE, changed_config, imsctl, values

K, OP = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"
TOP = "0123456789abcdef" * 4


# ---- subscribers ----

def test_a_subscriber_made_with_a_password_registers(core):
    assert imsctl(core, "subscriber", "add", "dora@ims.test", "--impu", "sip:dora@ims.test", "--impu", "tel:+15559001",
                  "--password-file", "-", input="first secret\n").status == DONE
    dora = core.phone("dora", "first secret")
    assert dora.register().status == 200
    assert dora.try_register().associated == ["sip:dora@ims.test", "tel:+15559001"]


def test_a_new_password_is_the_only_one(core, tmp_path):
    (tmp_path / "password").write_text("new\n")
    imsctl(core, "subscriber", "add", "emil@ims.test", "--password-file", "-", input="old\n")
    assert imsctl(core, "subscriber", "set", "emil@ims.test", "--password-file", str(tmp_path / "password")).status == DONE
    assert core.phone("emil", "new").register().status == 200
    assert core.phone("emil", "old").try_register().status != 200


@pytest.mark.parametrize("opc", [("--op", OP), ("--opc", opc_of(bytes.fromhex(K), bytes.fromhex(OP)).hex())])
def test_a_subscriber_with_a_key_registers_by_aka(core, opc):
    name = "sim" + opc[0].strip("-")
    assert imsctl(core, "subscriber", "add", name + "@ims.test", "--k", K, *opc, "--amf", "8000").status == DONE
    isim = Isim(bytes.fromhex(K), opc_of(bytes.fromhex(K), bytes.fromhex(OP)))
    assert core.phone(name, isim=isim).register().status == 200


@pytest.mark.parametrize("name,k,more,card", [
    ("tuak", K, ["--top", TOP], {}), ("tuakc", K * 2, ["--topc", Tuak(bytes.fromhex(K * 2), top=bytes.fromhex(TOP)).opc.hex()], {}),
    ("tuak128", K, ["--algorithm", "tuak", "--top", TOP, "--iterations", "3", "--res-bits", "128"], {"iterations": 3, "res": 128})])
def test_a_subscriber_with_a_key_of_tuak_registers_by_aka(core, name, k, more, card):
    assert imsctl(core, "subscriber", "add", name + "@ims.test", "--k", k, *more).status == DONE
    isim = Isim(card=Tuak(bytes.fromhex(k), top=bytes.fromhex(TOP), **card))
    assert core.phone(name, isim=isim).register().status == 200


def test_identities_are_added_and_removed(core):
    imsctl(core, "subscriber", "add", "frida@ims.test", "--password-file", "-", input="x\n")
    assert imsctl(core, "subscriber", "set", "frida@ims.test", "--impu", "tel:+15559002").status == DONE
    assert [i["impu"] for i in values(core, "subscriber", "show", "frida@ims.test")["identities"]] == ["sip:frida@ims.test", "tel:+15559002"]
    assert imsctl(core, "subscriber", "set", "frida@ims.test", "--remove-impu", "sip:frida@ims.test").status == DONE
    assert [i["impu"] for i in values(core, "subscriber", "show", "frida@ims.test")["identities"]] == ["tel:+15559002"]
    done = imsctl(core, "subscriber", "set", "frida@ims.test", "--remove-impu", "sip:frida@ims.test")
    assert done.status == REFUSED and "it has no sip:frida@ims.test" in done.err


def test_a_removed_subscriber_is_nobody(core):
    imsctl(core, "subscriber", "add", "gone@ims.test", "--password-file", "-", input="x\n")
    assert imsctl(core, "subscriber", "remove", "gone@ims.test").status == DONE
    assert core.phone("gone", "x").try_register().status == 403
    for verb in ("show", "remove"):
        done = imsctl(core, "subscriber", verb, "gone@ims.test")
        assert done.status == REFUSED and "no subscriber gone@ims.test" in done.err


PROFILE = """<?xml version="1.0"?>
<ServiceProfile><InitialFilterCriteria><Priority>0</Priority><ApplicationServer><ServerName>sip:as.ims.test</ServerName>
<DefaultHandling>0</DefaultHandling></ApplicationServer></InitialFilterCriteria></ServiceProfile>"""


def test_a_profile_comes_from_a_file(core, tmp_path):
    (tmp_path / "profile.xml").write_text(PROFILE)
    done = imsctl(core, "subscriber", "add", "ida@ims.test", "--password-file", "-", "--profile", str(tmp_path / "profile.xml"), input="x\n")
    assert done.status == DONE, done
    assert values(core, "subscriber", "show", "ida@ims.test")["identities"][0]["profile"] == "ida@ims.test"
    (tmp_path / "profile.xml").write_text("<nothing/>")
    done = imsctl(core, "subscriber", "set", "ida@ims.test", "--profile", str(tmp_path / "profile.xml"))
    assert done.status == USAGE and "no ServiceProfile in it" in done.err


def test_secrets_never_come_back_out(core):
    imsctl(core, "subscriber", "add", "hush@ims.test", "--k", K, "--op", OP)
    imsctl(core, "subscriber", "add", "hush2@ims.test", "--password-file", "-", input="very secret\n")
    shown = "".join(imsctl(core, "--output", o, "subscriber", "show", n).out for o in ("table", "json", "yaml") for n in ("hush@ims.test", "hush2@ims.test"))
    assert "aka" in shown and "digest" in shown
    assert not re.search("(?i)%s|%s|very secret|ha1" % (K, OP), shown)


def test_subscribers_are_listed_page_by_page(core):
    impis = [s["impi"] for s in values(core, "subscriber", "list", "--limit", "7", "--after", "user000009@ims.test")]
    assert impis == ["user%06d@ims.test" % n for n in range(10, 17)]
    table = imsctl(core, "subscriber", "list", "--limit", "2", "--after", "user000009@ims.test").out.splitlines()
    assert table[0].split() == ["SUBSCRIBER", "IDENTITIES", "SCHEME", "STATE", "S-CSCF"]
    assert table[1].startswith("user000010@ims.test  sip:user000010@ims.test  digest  ")
    assert re.fullmatch(r"2 of \d+; --limit shows more", table[3])


@pytest.mark.parametrize("arguments, told", [
    (["bad@ims.test", "--k", "12", "--op", OP], "credentials.k: 32 hex digits are expected"),
    (["bad@ims.test", "--k", K, "--op", "zz"], "credentials.op: 32 hex digits are expected"),
    (["nonsense", "--k", K, "--op", OP], "impi: a name like alice@ims.test is expected"),
    (["bad@ims.test", "--impu", "mailto:x@y", "--k", K, "--op", OP], "identities[0].impu: a sip or tel URI is expected"),
    (["user000001@ims.test", "--k", K, "--op", OP], "is there already"),
    (["bad@ims.test", "--impu", "sip:user000001@ims.test", "--k", K, "--op", OP], "is an identity of user000001@ims.test"),
])
def test_the_hss_says_which_field_is_wrong(core, arguments, told):
    done = imsctl(core, "subscriber", "add", *arguments)
    assert done.status == REFUSED and told in done.err and not done.out, done
    if arguments[0].startswith("bad"):
        assert imsctl(core, "subscriber", "show", "bad@ims.test").status == REFUSED


@pytest.mark.parametrize("arguments, told", [
    (["--k", K], "aka needs --k, and --opc or --op"),
    (["--k", K, "--op", OP, "--opc", OP], "aka needs --k, and --opc or --op"),
    (["--k", K, "--top", TOP, "--op", OP], "--top is for TUAK"), (["--k", K, "--algorithm", "tuak", "--op", OP], "--op is for Milenage"),
    (["--k", K, "--algorithm", "tuak"], "tuak needs --k, and --topc or --top"), (["--k", K, "--algorithm", "x", "--op", OP], "milenage or tuak"),
    (["--k", K, "--top", TOP, "--iterations", "256"], "--iterations: a number from 1 to 255"),
    (["--scheme", "aka"], "aka needs --k"),
    (["--scheme", "digest"], "digest needs --password-file"),
    (["--scheme", "magic"], "digest or aka is expected: 'magic'"),
    (["--k", K, "--password-file", "-"], "--k is for AKA"),
    (["--password-file", "/nowhere"], "/nowhere: No such file"),
    (["--password", "secret"], "knows no '--password'"),
    (["--k"], "--k needs HEX"),
    (["--k", K, "--k", K], "--k stands here twice"),
    (["one@ims.test"], "one word too many"),
])
def test_contradictions_are_usage(core, arguments, told):
    done = imsctl(core, "subscriber", "add", "x@ims.test", *arguments, input="")
    assert done.status == USAGE and told in done.err, done


# ---- many at once ----

def test_load_users_are_made_by_number(core):
    done = imsctl(core, "subscriber", "load", "--count", "2500", "--first", "700001")
    assert done.status == DONE and done.out.startswith("2500 loaded, 0 wrong, ") and not done.err, done
    assert core.phone("user702500", "password702500").register().status == 200
    assert imsctl(core, "subscriber", "show", "user702501@ims.test").status == REFUSED


def test_load_users_have_names_by_pattern(core):
    assert values(core, "subscriber", "load", "--count", "2", "--user", "p%dq", "--password", "%03d!")["loaded"] == 2
    assert core.phone("p2q", "002!").register().status == 200
    done = imsctl(core, "subscriber", "load", "--count", "1", "--user", "%s%n")
    assert done.status == USAGE and "one %d, or %06d, is expected" in done.err


def test_wrong_lines_of_a_file_are_told_by_number_and_field_and_the_others_stay(core, tmp_path):
    good = [{"impi": "bulk%d@ims.test" % n, "identities": [{"impu": "sip:bulk%d@ims.test" % n}]} for n in range(2300)]
    lines = [json.dumps(o) for o in good]
    lines[6], lines[2199] = '{"impi": 5}', '{"impi": "bulk2199@ims.test", "identities": [{"impu": "sip:x@y", "barred": "yes"}]}'
    (tmp_path / "users.ndjson").write_text("\n".join(lines))
    done = imsctl(core, "subscriber", "load", "--file", str(tmp_path / "users.ndjson"))
    assert done.status == REFUSED and done.out.startswith("2298 loaded, 2 wrong, "), done
    first, second = done.err.splitlines()
    assert first.startswith("imsctl: line 7: impi: a text ") and second == "imsctl: line 2200: identities[0].barred: true or false is expected"
    assert imsctl(core, "subscriber", "show", "bulk2299@ims.test").status == DONE
    assert imsctl(core, "subscriber", "show", "bulk2199@ims.test").status == REFUSED


def test_load_reads_standard_input(core):
    line = '{"impi": "piped@ims.test", "identities": [{"impu": "sip:piped@ims.test"}]}'
    assert imsctl(core, "subscriber", "load", "--file", "-", input=line).status == DONE
    assert imsctl(core, "subscriber", "show", "piped@ims.test").status == DONE


def test_load_needs_to_know_what(core):
    for arguments, told in ([], "either --file or --count"), (["--count", "0"], "--count: a number from 1"), (["--count", "9x"], "'9x'"), \
            (["--file", "-", "--count", "3"], "--count is not for --file"), (["--file", "/nowhere"], "No such file"):
        done = imsctl(core, "subscriber", "load", *arguments, input="")
        assert done.status == USAGE and told in done.err, done


# ---- registrations ----

def test_who_is_registered_is_listed_and_shown(core, alice):
    alice.register()
    mine = [r for r in values(core, "registration", "list") if r["impu"] == alice.impu]
    assert [c["uri"] for c in mine[0]["contacts"]] == [alice.contact_uri] and mine[0]["daemon"] == "scscf"
    row = [line for line in imsctl(core, "registration", "list").out.splitlines() if line.startswith(alice.impu)]
    assert len(row) == 1 and alice.contact_uri in row[0] and row[0].endswith("scscf")
    shown = values(core, "registration", "show", alice.user)
    assert shown["pcscf"][0]["flow"] == "udp %s" % alice.host_port and shown["pcscf"][0]["alive"]
    assert alice.contact_uri in imsctl(core, "registration", "show", alice.impu).out


def test_who_is_not_registered_is_not_shown(core, alice):
    done = imsctl(core, "registration", "show", alice.impu)
    assert done.status == REFUSED and done.err == "imsctl: %s is not registered\n" % alice.impu


def test_a_user_is_deregistered_by_the_operator(core, alice, bob):
    """[TS 24.229 5.4.1.5]"""
    alice.register()
    bob.register()
    done = imsctl(core, "user", "deregister", bob.user)
    assert done.status == DONE and done.out == "scscf: %s no longer registered, 1 contacts gone\n" % bob.impu
    until(lambda: alice.invite(bob).final().status == 480, what="a call to bob fails")
    assert values(core, "subscriber", "show", bob.impi)["registration"]["state"] != "registered"
    assert imsctl(core, "user", "deregister", bob.user).status == REFUSED


# ---- calls ----

def test_a_call_is_listed_once_while_it_lasts(core, alice, bob):
    alice.register()
    bob.register()
    call = alice.invite(bob)
    bob.ring().accept()
    call.established()
    mine = [c for c in values(core, "call", "list") if c["call_id"] == call.invite.call_id]
    assert len(mine) == 1 and sorted(half["case"] for half in mine[0]["cases"]) == ["originating", "terminating"]
    assert alice.impu in mine[0]["from"] and bob.impu in mine[0]["to"]
    assert call.invite.call_id in imsctl(core, "call", "list").out
    call.hang_up()
    until(lambda: call.invite.call_id not in imsctl(core, "call", "list").out, what="the call is no longer listed")


# ---- status ----

def test_status_shows_each_daemon(core, alice):
    alice.register()
    done = imsctl(core, "status")
    rows = [line.split() for line in done.out.splitlines()]
    assert done.status == DONE and [r[:2] for r in rows[1:]] == [[n, "ready"] for n in ("pcscf", "icscf", "scscf", "hss")]
    by_name = {d["name"]: d for d in values(core, "status")}
    assert by_name["scscf"]["registered"] >= 1 and by_name["scscf"]["calls"] == 0
    assert any(p["protocol"] == "cx" and p["state"] == "up" for p in by_name["icscf"]["peers"])


def test_without_an_hss_status_says_what_is_lost(new_core):
    core = new_core()
    core.kill("hss")

    def said():
        done = imsctl(core, "status")
        return done.status == NOT_REACHED and re.search(r"icscf +not ready .*down: hss", done.out) and done.out
    table = until(said, what="status tells of the HSS")
    assert re.search(r"hss +not reached", table) and re.search(r"pcscf +ready", table)
    done = imsctl(core, "subscriber", "list")
    assert done.status == NOT_REACHED and "hss: not reached" in done.err


# ---- what is wrong with the question ----

def test_help_is_everywhere(core):
    top = imsctl(None, "--help")
    assert top.status == DONE
    nouns = re.findall(r"^  ([a-z][a-z-]*)  ", top.out, re.M)
    assert nouns == ["subscriber", "registration", "user", "call", "trace", "explain", "status", "key", "slf", "identity", "profile",
                     "filter-criterion", "charging", "cloud-profile", "scscf", "application-server", "token", "backup", "restore"]
    with open(os.path.join(ROOT, "docs", "man", "imsctl.1")) as f:
        manual = f.read().replace("\\-", "-")
    with open(os.path.join(ROOT, "conf", "completion", "imsctl")) as f:
        completion = f.read()
    for noun in nouns:
        verbs = re.findall(r"^  ([a-z][a-z-]*) ", imsctl(None, noun, "--help").out, re.M)
        assert noun in completion
        for words in [[noun, v] for v in verbs] or [[noun]]:
            text = imsctl(None, *words, "--help")
            assert text.status == DONE and text.out.startswith("usage: imsctl " + " ".join(words)), text
            assert " ".join(words) in manual and words[-1] in completion
            for option in re.findall(r"^  (--[a-z-]+)", text.out, re.M):
                assert option in manual and option in completion, "%s of %s" % (option, words)


def test_a_misspelt_word_says_what_there_is(core):
    for words, told in (["subscribers"], "no 'subscribers'; there are: subscriber, registration, "), \
            (["subscriber", "ad"], "no 'subscriber ad'; there are: add, set, show, remove, list, load"), \
            (["call", "end"], "no 'call end'; there is: list"), (["status", "--limit"], "status knows no '--limit'"), \
            (["trace", "--svgs", "x"], "there is: --svg, --pcap, --messages, --limit"), (["--output", "xml", "status"], "table, json or yaml"):
        done = imsctl(core, *words)
        assert done.status == USAGE and told in done.err and not done.out, done
    for words in ([], ["subscriber"]):
        done = imsctl(core, *words)
        assert done.status == USAGE and done.err and not done.out


def test_the_version_is_that_of_the_project():
    with open(os.path.join(ROOT, "VERSION")) as f:
        assert imsctl(None, "--version").out == "imsctl (minims) %s\n" % f.read().strip()


def test_a_mistake_in_the_configuration_names_file_line_and_key(core, tmp_path):
    config = changed_config(core, tmp_path / "imsctl.yaml", hss="http://127.0.0.1")
    done = imsctl(core, "status", config=config)
    line = config.read_text().splitlines().index("hss: http://127.0.0.1") + 1
    assert done.status == USAGE and done.err == "%s:%d: hss: https://HOST:PORT is expected: 'http://127.0.0.1'\n" % (config, line)
    config.write_text("domain: ims.test\nhsss: x\n")
    done = imsctl(core, "status", config=config)
    assert done.status == USAGE and done.err == "%s:2: hsss: unknown key\n" % config
    done = imsctl(None, "status")
    assert done.status in (USAGE, NOT_REACHED) and ("--config" in done.err or os.path.exists("/etc/minims/imsctl.yaml"))


def test_the_configuration_is_found_by_the_environment_and_in_the_directory(core):
    path = core.run + "/conf/imsctl.yaml"
    assert imsctl(None, "status", IMSCTL_CONFIG=path).status == DONE
    beside = subprocess.run([os.path.join(BIN, "imsctl"), "status"], cwd=os.path.dirname(core.run), capture_output=True, text=True,
                            env={k: v for k, v in os.environ.items() if k != "IMSCTL_CONFIG"})
    assert os.path.basename(core.run) == "run" and beside.returncode == DONE, beside


def test_a_token_that_is_not_the_one_is_refused(core, tmp_path):
    (tmp_path / "token").write_text("0123456789abcdef\n")
    done = imsctl(core, "subscriber", "list", config=changed_config(core, tmp_path / "c.yaml", token_file=tmp_path / "token"))
    assert done.status == REFUSED and "nobody has this token" in done.err
    done = imsctl(core, "subscriber", "list", config=changed_config(core, tmp_path / "c.yaml", token_file="/nowhere"))
    assert done.status == USAGE and "token_file /nowhere: No such file" in done.err


def test_an_hss_of_another_ca_is_not_talked_to(core, tmp_path):
    other = tmp_path / "ca.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(tmp_path / "key"),
                    "-out", str(other), "-days", "1", "-subj", "/CN=another"], check=True, capture_output=True)
    done = imsctl(core, "subscriber", "list", config=changed_config(core, tmp_path / "c.yaml", ca=other))
    assert done.status == NOT_REACHED and "certificate" in done.err


def test_who_is_not_there_is_not_reached(core, tmp_path):
    dead = "%s.99:9090" % core.net
    all_dead = changed_config(core, tmp_path / "c.yaml", ops={n: dead for n in ("pcscf", "icscf", "scscf", "hss")}, hss="https://%s.99:8443" % core.net)
    for words in (["registration", "list"], ["call", "list"], ["trace"], ["trace", "x"], ["explain", "alice"], ["status"], ["user", "deregister", "alice"],
                  ["subscriber", "list"], ["subscriber", "load", "--count", "1"]):
        assert imsctl(core, *words, config=all_dead).status == NOT_REACHED, words
