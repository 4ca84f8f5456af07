# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the HSS under a stream of SAR, MAR and provisioning, again and again: nothing acknowledged is missing, no SQN is given
out twice, every start recovers by itself. KILLS: how often, default 10; `make kills` does it a hundred times.

A process that is killed leaves what it wrote to the kernel, so this alone proves no durability: test_hss_sync.py does that.
"""
import contextlib
import os
import pathlib
import random
import sqlite3
import subprocess
import time

import pytest

from core import SLOW
from hss_alone import another, until  # noqa: F401
from hss_streams import Loads, Provisioning, Registrations, Vectors
from test_hss_cx import AkaUser
from test_hss_store import digest_users, fill

KILLS = int(os.environ.get("KILLS", "10"))
SEED = int(os.environ.get("KILL_SEED", "1"))


def streams_for(h, aka=8):
    users = digest_users(200, name="kill")
    assert h.bulk(users).json["loaded"] == 200
    impis = [u["impi"] for u in users]
    return [Registrations(h, "scscf1", 1, impis[:100]), Registrations(h, "scscf2", 2, impis[100:]),
            Vectors(h, "scscf3", 3, [AkaUser(h) for _ in range(aka // 2)]), Vectors(h, "scscf4", 4, [AkaUser(h) for _ in range(aka // 2)]),
            Provisioning(h, "put", 5), Provisioning(h, "patch", 6), Loads(h, "load", 7)]


def load(streams, enough):
    """Until each stream has got enough(stream) more acknowledgements."""
    goal = {s: s.acknowledged + enough(s) for s in streams}
    for s in streams:
        s.full, s.turned_away = False, 0
        s.begin()
    until(lambda: any(s.refused for s in streams) or all(s.acknowledged >= goal[s] for s in streams), 20 * SLOW, "the load")


def die(h, streams):
    h.kill()
    for s in streams:
        s.settle()


def missing(streams, all_of_them=True):
    """What was acknowledged and is not there, by stream."""
    return {s.name: lost for s in streams if (lost := s.lost(all_of_them))}


def start_and_time(h):
    began = time.monotonic()
    h.start()
    return time.monotonic() - began


def die_while_starting(h):
    """Killed as soon as it has opened its database: recovery itself is cut short."""
    lives = h.log_text().count("event=start")
    h.spawn()
    fds = pathlib.Path(f"/proc/{h.process.pid}/fd")

    def opened():
        if h.store:
            return h.log_text().count("event=start") > lives
        with contextlib.suppress(OSError):
            return any(os.readlink(f).endswith("hss.db-wal") for f in fds.iterdir())
    until(opened, 10 * SLOW, "the opening of the database")
    h.kill()


def integrity(h):
    if h.store:
        return [("ok",)]  # PostgreSQL itself was not killed
    with contextlib.closing(sqlite3.connect(f"file:{h.database}?mode=ro", uri=True)) as db:
        return db.execute("PRAGMA integrity_check").fetchall() + db.execute("PRAGMA foreign_key_check").fetchall()


def assert_used_once(streams):
    """[TS 33.102 C.1.1.1, C.3.2] SEQ only grows, so no SQN comes back either."""
    for s in streams:
        for impi, sqns in s.sequence_numbers().items():
            assert all(a >> 5 < b >> 5 for a, b in zip(sqns, sqns[1:])), f"{impi}: a sequence number came again, or went back"


@pytest.mark.store("sqlite", "postgresql")
def test_a_process_killed_again_and_again_loses_nothing_and_repeats_no_sequence_number(another):
    h = another(options="sqn_range: 20\n")
    streams, choose, took = streams_for(h), random.Random(SEED), []
    kills = max(3, KILLS // 3) if h.store else KILLS  # a start takes longer with PostgreSQL
    for life in range(kills):
        load(streams, lambda s: choose.randint(1, 60 if isinstance(s, (Registrations, Vectors)) else 8))
        die(h, streams)
        if life % 5 == 4:
            die_while_starting(h)
        took.append(start_and_time(h))
        assert not (lost := missing(streams, life + 1 == kills)), f"after kill {life + 1}: {lost}"
    assert integrity(h) == [("ok",)]
    assert_used_once([s for s in streams if isinstance(s, Vectors)])
    counts = {s.name: s.acknowledged for s in streams}
    print(f"\nkills={kills} acknowledged={counts} vectors={sum(len(v) for s in streams if isinstance(s, Vectors) for v in s.vectors.values())}"
          f" longest_start_s={max(took):.2f} mean_start_s={sum(took) / kills:.2f}")
    assert max(took) < 5 * SLOW
    h.stop()


@pytest.fixture
def disk(tmp_path):
    """A small one."""
    if os.geteuid():
        pytest.skip("only root mounts")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


def store_is(h, state):
    return ("store", state) in {(p["name"], p["state"]) for p in h.ops("/health").json["peers"]}


def test_a_process_killed_on_a_full_disk_loses_nothing_and_serves_again_when_there_is_room(another, disk):
    h = another(state=disk, options="sqn_range: 20\n")
    streams = streams_for(h)[:6]
    for _ in range(max(2, KILLS // 10)):
        load(streams, lambda s: 1)
        for s in streams:
            s.full = True
        ballast = fill(disk)
        until(lambda: all(s.refused or s.turned_away for s in streams), 20 * SLOW, "a refusal of each")
        until(lambda: store_is(h, "down"), 10, "the alarm")
        assert h.ops("/live").status == 200
        die(h, streams)
        assert start_and_time(h) < 5 * SLOW  # full as the disk is: what needs no write is served
        assert not (lost := missing(streams)), lost
        ballast.unlink()
    load(streams, lambda s: 1)
    assert store_is(h, "up")
    die(h, streams)
    h.start()
    assert not (lost := missing(streams)), lost
    assert integrity(h) == [("ok",)]
    assert_used_once([s for s in streams if isinstance(s, Vectors)])
    h.stop()
