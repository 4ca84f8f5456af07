# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL as the store: restarted under load, left by its connections, shared by two front ends, of an older schema. What it
shares with the embedded one is tried by the modules that are marked with both."""
import itertools
import os
import random
import re
import signal
import subprocess
import threading
import time

import pytest

from hss_alone import BIN, NET, ROOT, Hss, another, make_certificate, make_user, postgresql, until  # noqa: F401
from hss_alone import wire
from hss_streams import Provisioning, Registrations, Vectors
from postgresql import Postgresql
from test_hss_cx import REGISTRATION, AkaUser
from test_hss_kill import assert_used_once, load, missing, store_is
from test_hss_push import told
from test_hss_store import digest_users

pytestmark = pytest.mark.store("postgresql")


@pytest.fixture
def server():
    """One that may be stopped."""
    s = Postgresql(fsync=True)
    yield s
    s.remove()


def streams_for(h, name="", other=None):
    users = digest_users(120, name=f"pg{name}")
    assert h.bulk(users).json["loaded"] == 120
    return [Registrations(h, f"scscf{name}1", 1, [u["impi"] for u in users]), Vectors(other or h, f"scscf{name}2", 2, [AkaUser(h) for _ in range(4)]),
            Vectors(h, f"scscf{name}3", 3, [AkaUser(h) for _ in range(4)]), Provisioning(h, f"put{name}", 4)]


def backends(database):
    return [pid for pid, in postgresql().sql(database, "SELECT pid FROM pg_stat_activity WHERE application_name = 'minims-hss'"
                                                       " AND datname = current_database()")]


# ---- the connection is lost ----

@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_restart_under_load_is_answered_busy_and_loses_nothing(another, server, how, tmp_path):
    h = another(store=server.new_database(), options="sqn_range: 20\n")
    streams = streams_for(h)
    for s in streams:
        s.away = True
        s.begin()
    for _ in range(2 if how == "fast" else 1):
        goal = {s: s.acknowledged + 10 for s in streams}
        until(lambda: any(s.refused for s in streams) or all(s.acknowledged >= goal[s] for s in streams), 30, "answers")
        turned_away = {s: s.turned_away for s in streams}
        server.stop(how)
        until(lambda: any(s.refused for s in streams) or all(s.turned_away > turned_away[s] for s in streams), 20, "TOO_BUSY and 503")
        until(lambda: store_is(h, "down"), 10, "the alarm")
        server.start()
        until(lambda: store_is(h, "up"), 10, "the end of the alarm")
    goal = {s: s.acknowledged + 10 for s in streams}
    until(lambda: any(s.refused for s in streams) or all(s.acknowledged >= goal[s] for s in streams), 30, "answers")
    for s in streams:
        s.end()
    assert not (lost := missing(streams)), lost
    assert_used_once(streams[1:3])
    h.stop(leaks=False)


def test_connections_that_are_cut_again_and_again_lose_nothing(another, tmp_path):
    h = another(options="sqn_range: 20\n")
    streams, choose = streams_for(h), random.Random(3)
    for s in streams:
        s.away = True
        s.begin()
    for _ in range(20):
        before = sum(s.acknowledged for s in streams)
        for pid in choose.sample(pids := backends(h.store), max(1, len(pids) // 2)):
            postgresql().sql(h.store, f"SELECT pg_terminate_backend({pid})")
        until(lambda: any(s.refused for s in streams) or sum(s.acknowledged for s in streams) > before + 20, 20, "answers")
    for s in streams:
        s.end()
    assert not (lost := missing(streams)), lost
    assert_used_once(streams[1:3])
    assert h.log_text().count("event=connected") >= 10
    h.stop(leaks=False)


def test_an_idle_front_end_knows_that_the_store_went_and_came(another, server):
    h = another(store=server.new_database())
    user, cx = make_user(h), None
    server.stop()
    until(lambda: store_is(h, "down"), 10, "the alarm")
    cx = h.connect()
    assert cx.sar(user.impi, user.impu, REGISTRATION).result == "TOO_BUSY" and cx.lir(user.impu).result == "TOO_BUSY"
    r = h.rest("GET", f"/v1/subscribers/{user.impi}")
    assert r.status == 503 and r.headers["Content-Type"] == "application/problem+json"
    assert h.rest("DELETE", f"/v1/subscribers/{user.impi}").status == 503
    server.start()
    until(lambda: store_is(h, "up"), 10, "the end of the alarm")
    assert cx.sar(user.impi, user.impu, REGISTRATION).result == "SUCCESS"
    h.stop()


def test_a_commit_is_durable_though_the_database_says_it_need_not_be(another, server):
    where = server.new_database()
    server.sql("postgres", f"ALTER DATABASE {where.rsplit('/', 1)[1]} SET synchronous_commit = off")
    h = another(store=where)
    users, cx = [make_user(h) for _ in range(20)], h.connect()
    for u in users:
        assert cx.sar(u.impi, u.impu, REGISTRATION).result == "SUCCESS"
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)  # as if it crashed
    until(lambda: not (server.data / "postmaster.pid").exists(), 10, "its end")
    server.start()
    assert server.sql(where, "SELECT count(*) FROM registration") == [(20,)]
    h.stop()


def test_a_front_end_that_froze_holds_the_others_up_for_seconds_only(another, tmp_path):
    """It stands still with the lock in hand: the server takes it from it."""
    h = another()
    user, cx = make_user(h), h.connect()
    holder = subprocess.Popen([postgresql().bin / "psql", "-XqAt", "-h", postgresql().dir, "-p", str(postgresql().port), "-U", "minims", "-d",
                               h.store.rsplit("/", 1)[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdin.write("SET idle_in_transaction_session_timeout = '3s'; BEGIN; SELECT pg_advisory_xact_lock(7452171), 'held';\n")
    holder.stdin.flush()
    assert "held" in holder.stdout.readline()
    assert cx.sar(user.impi, user.impu, REGISTRATION).result == "TOO_BUSY"
    assert cx.lir(user.impu).result == "cx:IDENTITY_NOT_REGISTERED"  # reading waits for nobody
    until(lambda: cx.sar(user.impi, user.impu, REGISTRATION).result == "SUCCESS", 10, "the lock")
    holder.stdin.close()
    holder.wait(10)
    h.stop()


# ---- several front ends ----

@pytest.fixture
def two(another, tmp_path):
    """Two front ends of one store, under one master key."""
    first = another()
    (tmp_path / "second").mkdir()
    make_certificate(tmp_path / "second/hss.pem", "hss2.ims.test", f"{NET}.16")
    second = another(tmp_path / "second", address=f"{NET}.16", store=first.store,
                     options=f"instance: hss2\nmaster_key: {first.state}/master.key\n")
    yield first, second
    for h in (first, second):
        h.stop(leaks=False)


def test_two_front_ends_under_load_lose_nothing_and_repeat_no_sequence_number(two):
    first, second = two
    streams = streams_for(first, "a", other=second) + streams_for(second, "b", other=first)
    for s in streams:
        s.begin()
    until(lambda: any(s.refused for s in streams) or all(s.acknowledged > 25 for s in streams), 60, "answers")
    for s in streams:
        s.end()
    for s in streams:  # each is told the same by the other
        s.hss = second if s.hss is first else first
    assert not (lost := missing(streams)), lost
    assert_used_once(s for s in streams if isinstance(s, Vectors))


def test_one_user_at_two_front_ends_gets_each_sequence_number_once_and_rising(two):
    first, second = two
    user, connections = AkaUser(first), [h.connect() for h in two]
    in_turn = [v for _ in range(10) for c in connections for v in user.ask(c, 2)]
    sqns = user.usim.check(in_turn)
    assert len(sqns) == 40 and all(a < b for a, b in zip(sqns, sqns[1:]))
    at_once, threads = [], []
    for c in connections:
        threads.append(threading.Thread(target=lambda c=c: [at_once.extend(user.ask(c, 3)) for _ in range(20)]))
        threads[-1].start()
    for t in threads:
        t.join(30)
    more = user.usim.check(at_once)
    assert len(more) == 120 and len(set(sqns + more)) == 160


def test_a_key_that_one_front_end_was_given_is_the_others_key_at_once(two):
    first, second = two
    user, cx, other_cx = AkaUser(first), first.connect(), second.connect()
    user.usim.check(user.ask(cx))  # and has more of them in memory
    for sqn in (0, 32 * 5000):
        other = AkaUser(second, sqn=sqn)
        r = second.rest("PATCH", f"/v1/subscribers/{user.impi}", {"credentials": {
            "scheme": "aka", "k": other.usim.k.hex(), "opc": other.usim.opc.hex(), "amf": "8000", "sqn": sqn}})
        assert r.status == 200, r
        assert min(other.usim.check(user.ask(cx, 3))) > sqn
        assert min(other.usim.check(user.ask(other_cx, 3))) > sqn


def test_the_front_end_that_made_a_change_tells_the_server(two):
    first, second = two
    user, one, other = make_user(first), first.connect(), second.connect()
    assert one.sar(user.impi, user.impu, REGISTRATION).result == "SUCCESS"
    assert second.rest("DELETE", f"/v1/subscribers/{user.impi}").status == 204
    rtr = other.receive()
    assert rtr.is_request and rtr.command == wire.RTR and rtr.text(wire.USER_NAME) == user.impi
    assert rtr.text(wire.ORIGIN_HOST) == "hss2.ims.test"
    other.send(wire.message(wire.RTR, [wire.avp(wire.SESSION_ID, rtr.text(wire.SESSION_ID)), other.application(),
                                       wire.avp(wire.AUTH_SESSION_STATE, 1), wire.avp(wire.RESULT_CODE, 2001)] + other.origin(),
                            flags=wire.PROXIABLE, hop=rtr.hop, end=rtr.end))
    assert one.lir(user.impu).result == "cx:USER_UNKNOWN"  # the first said nothing before
    until(lambda: postgresql().sql(first.store, "SELECT count(*) FROM pending_push") == [(0,)], 10, "the end of it")


# ---- the schema ----

THEIRS = [(r"\bid INTEGER PRIMARY KEY", "id bigint generated by default as identity primary key"), (r"\bINTEGER\b", "bigint"),
          (r"\bBLOB\b", "bytea"), (r"\bTEXT\b", 'text COLLATE "C"'), (r"\)\s*(STRICT)?(, )?(WITHOUT ROWID)?;", ");"), (r"\buser\b", '"user"')]


def in_their_words(text):
    text = re.sub(r"--.*", "", text)
    for ours, theirs in THEIRS:
        text = re.sub(ours, theirs, text)
    return text


def columns(where):
    return postgresql().sql(where, "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity, collation_name"
                                   " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2")


def constraints(where):
    return postgresql().sql(where, "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace ="
                                   " 'public'::regnamespace ORDER BY 1, 2") + \
        postgresql().sql(where, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname")


def older_store():
    """As the first schema was, with a subscriber."""
    where = postgresql().new_database()
    postgresql().sql(where, in_their_words((ROOT / "db/migrations/0001_subscribers.sql").read_text()) + """
        CREATE TABLE schema_version (version bigint NOT NULL); INSERT INTO schema_version VALUES (1);
        INSERT INTO subscription (id, name) VALUES (7, 'old@ims.test');
        INSERT INTO private_identity (id, impi, subscription_id, scheme) VALUES (7, 'old@ims.test', 7, 'none');
        INSERT INTO registration_set (id, subscription_id, number) VALUES (7, 7, 0);
        INSERT INTO public_identity (id, impu, registration_set_id) VALUES (7, 'sip:old@ims.test', 7);
        INSERT INTO identity_link VALUES (7, 7);""")
    return where


def test_an_older_store_becomes_todays_by_whichever_front_end_comes_first(tmp_path):
    where, newest = older_store(), sorted((ROOT / "db/migrations").glob("*.sql"))[-1]
    ends = []
    for i in range(3):
        (tmp_path / str(i)).mkdir()
        make_certificate(tmp_path / f"{i}/hss.pem", f"hss{i}.ims.test", f"{NET}.{20 + i}")
        ends.append(Hss(tmp_path / str(i), address=f"{NET}.{20 + i}", store=where,
                        options=f"instance: hss{i}\nmaster_key: {tmp_path}/master.key\n"))
    (tmp_path / "master.key").write_text("07" * 32)
    (tmp_path / "master.key").chmod(0o600)
    try:
        for h in ends:
            h.spawn()
        for h in ends:
            until(h.is_ready, 20, "the start")
        assert postgresql().sql(where, "SELECT version FROM schema_version") == [(int(newest.name[:4]),)]
        made = [m for h in ends for m in re.findall(r"migration=(\w+)", h.log_text())]
        assert sorted(made) == sorted(set(made)) and len(made) == len(list((ROOT / "db/migrations").glob("*.sql"))) - 1
        assert ends[0].connect().sar("old@ims.test", "sip:old@ims.test", REGISTRATION).result == "SUCCESS"
        ends[1].put("new@ims.test")  # with numbers above those that were there
        fresh = Hss(tmp_path, address=f"{NET}.23", store=postgresql().new_database()).start()
        assert columns(where) == columns(fresh.store) and constraints(where) == constraints(fresh.store)
        fresh.stop()
    finally:
        for h in ends:
            h.stop()


def test_the_schema_of_the_driver_is_that_of_the_file(another):
    h = another()
    where = postgresql().new_database()
    postgresql().sql(where, in_their_words((ROOT / "db/schema.sql").read_text()) + "CREATE TABLE schema_version (version bigint NOT NULL);")
    assert columns(where) == columns(h.store) and constraints(where) == constraints(h.store)
    h.stop()


# ---- the option ----

@pytest.mark.parametrize("where", ["postgresql://hss:geheim@db/hss", "postgresql:host=db password=geheim", "postgresql://hss@db/hss?password=x"])
def test_a_password_in_the_file_is_refused(tmp_path, where):
    h = Hss(tmp_path, store=where)
    p = subprocess.run([BIN / "hss", "-t", "-c", h.config], capture_output=True, text=True, timeout=20)
    assert p.returncode == 2 and "store" in p.stderr and "passfile" in p.stderr and "geheim" not in p.stderr


def test_a_password_comes_from_its_file(another, tmp_path):
    where = postgresql().new_database()
    name = where.rsplit("/", 1)[1]
    with open(postgresql().data / "pg_hba.conf") as f:
        before = f.read()
    postgresql().sql(where, f"CREATE ROLE needs_{name} LOGIN PASSWORD 'geheim'; GRANT ALL ON DATABASE {name} TO needs_{name};"
                            f" GRANT ALL ON SCHEMA public TO needs_{name}")
    (postgresql().data / "pg_hba.conf").write_text(f"host {name} needs_{name} all scram-sha-256\n" + before)
    postgresql().sql(where, "SELECT pg_reload_conf()")
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"*:*:*:needs_{name}:geheim\n")
    passfile.chmod(0o600)
    asks = where.replace("minims@", f"needs_{name}@")
    with pytest.raises(AssertionError, match="password"):
        another(store=asks)
    h = another(store=f"{asks}?passfile={passfile}")
    assert make_user(h).impi and "geheim" not in h.log_text()
    h.stop()
    (postgresql().data / "pg_hba.conf").write_text(before)
