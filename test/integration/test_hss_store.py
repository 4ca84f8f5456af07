# SPDX-License-Identifier: Apache-2.0
"""What the HSS keeps: nothing acknowledged is lost, a full disk is told and survived, size does not slow it down."""
import collections
import contextlib
import os
import random
import sqlite3
import subprocess
import threading
import time

import pytest

from hss_alone import BIN, NET, ROOT, another, make_user, until  # noqa: F401
from hss_alone import wire
from test_hss_cx import AkaUser

pytestmark = pytest.mark.store("sqlite", "postgresql")

REGISTRATION, USER_DEREGISTRATION = 1, 5


def digest_users(n, first=0, name="load"):
    return [{"impi": f"{name}{i:06}@ims.test", "credentials": {"scheme": "digest", "password": f"password{i:06}"},
             "identities": [{"impu": f"sip:{name}{i:06}@ims.test"}]} for i in range(first, first + n)]


# ---- death ----

def keep_asking(connection, users, answered, window=64):
    """SARs in flight all the time: registers, later de-registers each; notes what was acknowledged, in its order."""
    waiting, state, choose = {}, dict.fromkeys(users, False), random.Random(7)
    try:
        while True:
            while len(waiting) < window and "refused" not in answered:
                u = choose.choice([u for u in users if u not in waiting.values()])
                kind = USER_DEREGISTRATION if state[u] else REGISTRATION
                raw = connection.build_sar(u, f"sip:{u}", kind, available=1)
                waiting[wire.Message(raw).hop] = u
                connection.send(raw)
            answer = connection.receive()
            if answer.is_request:  # DPR: it waits for our answer before it ends
                connection.send(wire.message(wire.DPR, [wire.avp(wire.RESULT_CODE, 2001)] + connection.origin(), flags=0, application=0,
                                             hop=answer.hop, end=answer.end))
                return waiting
            u = waiting.pop(answer.hop)
            if answer.result != "SUCCESS":  # not done, then
                answered["refused"] = (answer.result, 0)
                continue
            state[u] = not state[u]
            answered[u] = (state[u], answered.get(u, (False, 0))[1] + 1)
    except (OSError, wire.Malformed):
        return waiting


def test_what_was_acknowledged_survives_kill_9_under_load(another):
    h = another()
    users = [f"load{i:06}@ims.test" for i in range(300)]
    assert h.bulk(digest_users(300)).json["loaded"] == 300
    for life in range(2):
        connection, answered, in_flight = h.connect(), {}, []
        states = dict(h.rows("SELECT impi, EXISTS (SELECT 1 FROM registration r WHERE r.private_identity_id = p.id)"
                             " FROM private_identity p"))
        for u, registered in states.items():
            if registered:
                assert connection.sar(u, f"sip:{u}", USER_DEREGISTRATION).result == "SUCCESS"
        asking = threading.Thread(target=lambda c=connection: in_flight.append(keep_asking(c, users, answered)))
        asking.start()
        until(lambda: sum(n for _, n in answered.values()) > (1000 if h.store else 3000), 20, "load")
        h.kill()
        asking.join(10)
        assert "refused" not in answered
        h.start()
        assert h.store or h.rows("PRAGMA integrity_check") == [("ok",)]
        states = dict(h.rows("SELECT impi, EXISTS (SELECT 1 FROM registration r WHERE r.private_identity_id = p.id)"
                             " FROM private_identity p"))
        open_ones = set(in_flight[0].values())
        lost = [u for u, (registered, _) in answered.items() if u not in open_ones and bool(states[u]) != registered]
        assert not lost and len(answered) - len(open_ones) > 100
        again = h.connect("icscf.ims.test")
        for u, (registered, _) in list(answered.items())[:50]:
            if u not in open_ones:
                assert again.lir(f"sip:{u}").result == ("SUCCESS" if registered else "cx:IDENTITY_NOT_REGISTERED")
    h.stop()


def test_sigterm_under_load_ends_well_and_keeps_what_was_acknowledged(another):
    h = another()
    users = [f"load{i:06}@ims.test" for i in range(100)]
    h.bulk(digest_users(100))
    connection, answered, in_flight = h.connect(), {}, []
    h.connections.clear()  # stop() would close it
    asking = threading.Thread(target=lambda: in_flight.append(keep_asking(connection, users, answered)))
    asking.start()
    until(lambda: len(answered) > 90, 20, "load")
    bulk = threading.Thread(target=lambda: answered.update(bulk=h.bulk(digest_users(500, name="late")).json["loaded"]))
    bulk.start()
    until(lambda: h.metric("minims_store_changes_total") > 700, 20, "both")
    h.stop()
    asking.join(10)
    bulk.join(10)
    loaded = answered.pop("bulk", None)
    assert answered.pop("refused", ("TOO_BUSY",))[0] == "TOO_BUSY"
    assert loaded in (None, 500)
    states = dict(h.rows("SELECT impi, EXISTS (SELECT 1 FROM registration r WHERE r.private_identity_id = p.id)"
                         " FROM private_identity p WHERE impi LIKE 'load%'"))
    open_ones = set(in_flight[0].values())
    assert [u for u, (registered, _) in answered.items() if u not in open_ones and bool(states[u]) != registered] == []
    assert loaded is None or h.rows("SELECT count(*) FROM private_identity WHERE impi LIKE 'late%'") == [(500,)]


def test_what_was_provisioned_survives_kill_9(another):
    h = another()
    acknowledged = []

    def provision():
        try:
            for i in range(10000):
                h.put(f"p{i}@ims.test")
                acknowledged.append(f"p{i}@ims.test")
        except OSError:
            pass
    thread = threading.Thread(target=provision)
    thread.start()
    until(lambda: len(acknowledged) > 60, 20, "provisioning")
    h.kill()
    thread.join(10)
    h.start()
    assert [u for u in acknowledged if h.rest("GET", f"/v1/subscribers/{u}").status != 200] == []
    h.stop()


def test_a_bulk_load_that_dies_is_whole_up_to_some_line(another):
    h = another()
    thread = threading.Thread(target=lambda: pytest.raises(OSError, h.bulk, digest_users(20000)))
    thread.start()
    until(lambda: h.metric("minims_store_commits_total") > 8, 20, "some slices")
    h.kill()
    thread.join(20)
    h.start()
    stored = [r[0] for r in h.rows("SELECT impi FROM private_identity ORDER BY impi")]
    assert stored == [f"load{i:06}@ims.test" for i in range(len(stored))] and 250 <= len(stored) < 20000
    counts = [h.rows(f"SELECT count(*) FROM {t}")[0][0] for t in ("public_identity", "identity_link", "subscription")]
    assert counts == [len(stored)] * 3
    h.stop()


def test_every_sequence_number_is_given_out_once_also_over_kill_9(another):
    h = another(options="sqn_range: 20\n")
    user = AkaUser(h)
    sqns = []
    for life in range(4):
        connections = [h.connect(f"scscf{i}.ims.test") for i in range(3)]
        vectors, threads = collections.deque(), []

        def ask(c):
            for _ in range(12):
                vectors.extend(user.ask(c, 3))
        for c in connections:
            threads.append(threading.Thread(target=ask, args=(c,)))
            threads[-1].start()
        for t in threads:
            t.join(20)
        of_this_life = user.usim.check(list(vectors))
        assert len(of_this_life) == 108 and (not sqns or min(of_this_life) > max(sqns))
        sqns += of_this_life
        h.kill()
        h.start()
    assert len(set(sqns)) == len(sqns)
    stored = h.rows("SELECT seq FROM aka_credential")[0][0]
    assert max(sqns) >> 5 <= stored <= (max(sqns) >> 5) + 60
    h.stop()


# ---- a full disk ----

@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid():
        pytest.skip("only root mounts")
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


def fill(place):
    """Up to the last octet; the file to take away."""
    ballast = place / "ballast"
    with open(ballast, "wb", buffering=0) as f:
        for size in (65536, 4096, 1):
            try:
                while True:
                    f.write(bytes(size))
            except OSError:
                pass
    return ballast


@pytest.mark.store("sqlite")
def test_a_full_disk_is_told_and_survived(another, small_disk, tmp_path):
    h = another(state=small_disk)
    users = [make_user(h) for _ in range(20)]
    aka = AkaUser(h)
    cx = h.connect()
    cx.sar(users[0].impi, users[0].impu, REGISTRATION)
    ballast = fill(small_disk)
    refused = until(lambda: [r for r in (cx.sar(u.impi, u.impu, REGISTRATION).result for u in users[1:]) if r != "SUCCESS"], 10, "a refusal")
    assert set(refused) == {"UNABLE_TO_COMPLY"}
    r = h.rest("PUT", "/v1/subscribers/full@ims.test", {"identities": [{"impu": "sip:full@ims.test"}]})
    assert r.status == 503 and r.headers["Content-Type"] == "application/problem+json" and "full" in r.json["detail"]
    r = h.bulk(digest_users(2000))
    assert r.status == 503 and "up to line " in r.json["detail"]
    told = int(r.json["detail"].split("up to line ")[1].split()[0])
    # reading goes on, and what needs no write
    lia = cx.lir(users[0].impu)
    assert (lia.result, lia.text(wire.SERVER_NAME)) == ("SUCCESS", "sip:scscf.ims.test")
    assert cx.uar(users[0].impi, users[0].impu).result == "cx:SUBSEQUENT_REGISTRATION"
    assert h.rest("GET", f"/v1/subscribers/{users[0].impi}").status == 200
    assert cx.mar(aka.impi, aka.impu, "Digest-AKAv1-MD5").result == "UNABLE_TO_COMPLY"  # no number that may be given out twice
    assert ("store", "down") in {(p["name"], p["state"]) for p in h.ops("/health").json["peers"]}
    # and when there is room again, all of it
    ballast.unlink()
    assert h.bulk(digest_users(2000)[:told + 200]).json["failed"] == 0
    assert h.rows("SELECT count(*) FROM private_identity WHERE impi LIKE 'load%'") == [(told + 200,)]
    for u in users:
        assert cx.sar(u.impi, u.impu, REGISTRATION).result == "SUCCESS"
    aka.usim.check(aka.ask(cx))
    assert ("store", "up") in {(p["name"], p["state"]) for p in h.ops("/health").json["peers"]}
    h.kill()
    h.start()
    assert h.rows("PRAGMA integrity_check") == [("ok",)]
    assert h.rows("SELECT count(*) FROM registration") == [(20,)]
    h.stop()


# ---- migrations ----

def schema_of(*files):
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        for f in files:
            db.executescript(f.read_text())
        objects = {}
        for kind, name, table, sql in db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"):
            text = " ".join("".join(line.split("--")[0] + " " for line in (sql or "").splitlines()).split())
            objects[kind, name] = (table, text.replace(" ,", ",").replace(" )", ")"))  # where a column was added later
            if kind == "table":
                objects["columns", name] = db.execute(f"PRAGMA table_xinfo('{name}')").fetchall()
                objects["keys", name] = sorted(db.execute(f"PRAGMA foreign_key_list('{name}')").fetchall())
        return objects


@pytest.mark.store("sqlite")
def test_all_migrations_together_are_the_schema(another):
    migrations = sorted((ROOT / "db/migrations").glob("*.sql"))
    wanted = schema_of(ROOT / "db/schema.sql")
    assert schema_of(*migrations) == wanted and len(wanted) > 20
    h = another()  # and so is what the daemon made
    h.stop()
    with contextlib.closing(sqlite3.connect(h.database)) as db:
        made = {(kind, name) for kind, name in db.execute("SELECT type, name FROM sqlite_schema")}
        assert made == {key for key in wanted if key[0] in ("table", "index")}
        assert db.execute("PRAGMA user_version").fetchone() == (int(migrations[-1].name[:4]),)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_store_of_a_newer_binary_is_left_alone(another):
    h = another()
    h.stop()
    h.change("UPDATE schema_version SET version = 9999" if h.store else "PRAGMA user_version = 9999")
    with pytest.raises(AssertionError, match="start the newer one"):
        h.start()


# ---- size ----

def latencies(doors, users, n=300):
    """The median time of each question at each HSS; asked in turn, so that what else the machine does strikes all alike."""
    took, choose = collections.defaultdict(list), random.Random(1)
    for _ in range(n):
        for which, (h, cx) in doors.items():
            u = choose.choice(users[which])["impi"]
            for what, ask in (("UAR", lambda: cx.uar(u, f"sip:{u}")), ("LIR", lambda: cx.lir(f"sip:{u}")),
                              ("MAR", lambda: cx.mar(u, f"sip:{u}")), ("GET", lambda: h.rest("GET", f"/v1/subscribers/{u}"))):
                if what == "GET" and len(took[what, which]) > n // 10:
                    continue
                began = time.perf_counter()
                ask()
                took[what, which].append(time.perf_counter() - began)
    return {key: sorted(times)[len(times) // 2] for key, times in took.items()}


@pytest.mark.store("sqlite")
def test_100000_subscribers_load_in_20_s_and_are_read_as_fast_as_1000(another, tmp_path):
    sanitized = b"__asan_init" in (BIN / "hss").read_bytes()
    many = 20000 if sanitized else 100000
    users = {"small": digest_users(1000), "large": digest_users(many)}
    (tmp_path / "large").mkdir()
    small, large = another(), another(tmp_path / "large", address=f"{NET}.16")
    assert small.bulk(users["small"]).json["loaded"] == 1000
    began = time.monotonic()
    r = large.bulk(users["large"])
    took = time.monotonic() - began
    assert r.json["loaded"] == many and r.json["failed"] == 0
    assert large.rest("GET", "/v1/subscribers?limit=1").json["total"] == many
    times = latencies({"small": (small, small.connect()), "large": (large, large.connect())}, users)
    print(f"\nbulk.seconds={took:.1f}", *(f"{what}.us={times[what, 'small'] * 1e6:.0f}:{times[what, 'large'] * 1e6:.0f}"
                                         for what in ("UAR", "LIR", "MAR", "GET")))
    assert sanitized or took < 20
    for what in ("UAR", "LIR", "MAR", "GET"):
        assert times[what, "large"] < 1.5 * times[what, "small"] + 100e-6, (what, times)
    small.stop()
    large.stop()
