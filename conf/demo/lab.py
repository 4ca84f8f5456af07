#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A core on loopback: up, down, status, restart, kill. `make up` and its kin call this.

  up ─▶ empty run/ ─▶ certificates, configuration ─▶ DNS ─▶ HSS ─▶ users ─▶ I-CSCF, S-CSCF, P-CSCF ─▶ every /health is ready
  down ─▶ P, I, S, HSS, DNS: TERM, after 5 s KILL
"""
import argparse
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

import lab_conf
import lab_pki
import lab_users
from lab_conf import Lab, kind_of

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
READY_S, END_S, POLL_S, LOG_LINES = 20, 5, 0.02, 8


class Failure(Exception):
    """What the user is told before exit status 1."""


# ---- processes: run/NAME.pid is the daemon's own ----

def is_alive(pid, marker):
    """A process of ours: not a zombie, and not another that got the number."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            state = f.read().rpartition(")")[2].split()[0]
        with open(f"/proc/{pid}/cmdline") as f:
            return state not in "ZX" and marker in f.read()
    except (FileNotFoundError, ProcessLookupError):
        return False


def pid_of(lab, name):
    """None when it is not running."""
    try:
        with open(lab.path(f"{name}.pid")) as f:
            pid = int(f.read())
    except (FileNotFoundError, ValueError):
        return None
    return pid if is_alive(pid, lab.path("conf", "")) else None


def spawn(lab, name, command):
    sanitized = {"LSAN_OPTIONS": f"suppressions={ROOT}/test/lsan.supp:print_suppressions=0", **os.environ}
    with open(lab.path(f"{name}.log"), "a") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=sanitized, start_new_session=True)
    with open(lab.path(f"{name}.pid"), "w") as f:
        f.write(f"{process.pid}\n")
    return process


def start(lab, name):
    if name == "dns":
        return spawn(lab, name, ["dnsmasq", f"--conf-file={lab.path('conf', 'dnsmasq.conf')}"])
    return spawn(lab, name, [os.path.join(lab.bin, kind_of(name).replace("slf", "hss")), "-c", lab.path("conf", f"{name}.yaml")])


def wait_for(what, seconds):
    """Whether `what` came true in time."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True


def end(lab, name, how=signal.SIGTERM):
    pid = pid_of(lab, name)
    if pid:
        os.kill(pid, how)
        if not wait_for(lambda: not pid_of(lab, name), END_S):
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not pid_of(lab, name), END_S)


# ---- readiness ----

def health(lab, name):
    """(ready, what the daemon says); nothing said while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://{lab.address(name)}:9090/health", timeout=2) as answer:
            return True, json.load(answer)
    except urllib.error.HTTPError as e:
        return False, json.load(e)
    except (OSError, ValueError):
        return False, None


def dns_answers(lab):
    """One question for the P-CSCF's address. [RFC 1035 4]"""
    name = b"".join(bytes([len(x)]) + x.encode() for x in f"pcscf.{lab_conf.DOMAIN}".split(".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.2)
        try:
            s.connect((lab.address("dns"), lab.dns_port))
            s.send(struct.pack("!6H", 1, 0x100, 1, 0, 0, 0) + name + struct.pack("!2H", 1, 1))
            return struct.unpack("!6H", s.recv(512)[:12])[3] == 1
        except OSError:
            return False


def is_ready(lab, name):
    return dns_answers(lab) if name == "dns" else health(lab, name)[0]


def last_lines(lab, name):
    try:
        with open(lab.path(f"{name}.log"), errors="replace") as f:
            return "".join(f"  {line}" for line in f.readlines()[-LOG_LINES:])
    except FileNotFoundError:
        return ""


def why_not(lab, name):
    said = health(lab, name)[1] if name != "dns" else None
    down = [p["name"] for p in said["peers"] if p["state"] != "up"] if said else []
    state = "ended" if not pid_of(lab, name) else f"waits for {', '.join(down)}" if down else "is not ready"
    return f"{name} {state}; the end of {lab.path(name)}.log:\n{last_lines(lab, name)}"


def wait_ready(lab, processes, deadline):
    """`processes`: name → Popen, all of them ready by then."""
    waiting = dict(processes)
    while waiting:
        for name, process in list(waiting.items()):
            if process.poll() is not None:
                raise Failure(why_not(lab, name))
            if is_ready(lab, name):
                del waiting[name]
        if waiting and time.monotonic() > deadline:
            raise Failure("not ready in time\n" + "".join(why_not(lab, n) for n in waiting))
        time.sleep(POLL_S if waiting else 0)


def start_ready(lab, *names):
    wait_ready(lab, {n: start(lab, n) for n in names}, time.monotonic() + READY_S)


# ---- up ----

def empty(run):
    """Only a core's directory is emptied."""
    there = os.listdir(run) if os.path.isdir(run) else []
    if there and not os.path.exists(os.path.join(run, "conf", "lab.json")):
        raise Failure(f"{run} is not empty and no core was in it: it stays as it is")
    for name in there:
        path = os.path.join(run, name)
        shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.remove(path)


def dns_port(address):
    """53, or one that needs no privilege and that no server of the machine has taken on every address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.bind((address, 53))
        except OSError:
            return 5300
    return 53


def prepare(lab, keep):
    if not keep:
        empty(lab.run)
    for part in ("conf", "pki", "state"):
        os.makedirs(lab.path(part), mode=0o700, exist_ok=True)
    lab.dns_port = dns_port(lab.address("dns"))
    if not os.path.exists(lab.path("pki", "dh.pem")):
        lab_pki.make(lab)
    lab_conf.write_all(lab)


def start_all(lab, a):
    """The number of users loaded; None: they were there."""
    fresh = not os.path.exists(lab.path("hss.db"))
    start_ready(lab, "dns", "hss")
    if lab.slf:
        start_ready(lab, "hss2", "slf")
    users = lab_users.load(lab, a.users, a.aka) if fresh else None
    start_ready(lab, *lab_conf.START[1:])  # the CSCFs
    return users


def end_all(lab):
    for name in list(reversed(lab.instances)) + ["dns"]:
        end(lab, name)


def up(a):
    old = lab_conf.load(a.run)
    if old and any(pid_of(old, n) for n in old.instances + ["dns"]):
        raise Failure(f"a core runs in {a.run} already; `make down` ends it")
    lab = Lab(run=a.run, bin=os.path.realpath(a.bin), net=a.net, sip=a.sip, cx=a.cx, listen=a.listen, slf=a.slf, settings=a.set)
    began = time.monotonic()
    prepare(lab, a.keep)
    try:
        users = start_all(lab, a)
    except BaseException:
        end_all(lab)
        raise
    print(f"up after {time.monotonic() - began:.1f} s: " + ", ".join(f"{n} {lab.address(n)}" for n in lab.instances)
          + (f"; {users} users" if users is not None else "; users as before"))


# ---- the other commands ----

def core(a, name=None):
    lab = lab_conf.load(a.run)
    if not lab:
        raise Failure(f"no core in {a.run}")
    if name and name not in list(lab.start + lab_conf.SPARE) + ["dns"]:
        raise Failure(f"no daemon {name}; there are {', '.join(lab.start + lab_conf.SPARE)}, dns")
    return lab


def down(a):
    lab = lab_conf.load(a.run)
    if lab:
        end_all(lab)


def start_one(a):
    lab = core(a, a.name)
    if pid_of(lab, a.name):
        raise Failure(f"{a.name} runs already")
    if a.name in lab_conf.SPARE and a.name not in lab.extra:
        lab.extra.append(a.name)
        lab_conf.save(lab)
        lab_conf.write_imsctl(lab)
    start_ready(lab, a.name)


def restart(a):
    end(core(a, a.name), a.name)
    start_one(a)


def kill(a):
    lab = core(a, a.name)
    if not pid_of(lab, a.name):
        raise Failure(f"{a.name} is not running")
    end(lab, a.name, signal.SIGKILL)


def status(a):
    lab, all_ready = core(a), True
    for name in lab.instances + ["dns"]:
        pid = pid_of(lab, name)
        ready = bool(pid) and is_ready(lab, name)
        all_ready = all_ready and ready
        print(f"{name:8} {lab.address(name):12} {'ready' if ready else 'not ready' if pid else 'down':10} {pid or ''}")
    if not all_ready:
        raise Failure("not all are ready")


COMMANDS = {"up": up, "down": down, "status": status, "restart": restart, "kill": kill, "start": start_one}


def arguments():
    p = argparse.ArgumentParser(description="A core on loopback.")
    p.add_argument("command", choices=COMMANDS)
    p.add_argument("name", nargs="?", help="for restart, kill, start: pcscf, icscf, scscf, hss, scscf2, dns; with an SLF hss2, slf")
    p.add_argument("--run", default=os.path.join(ROOT, "run"), help="its directory; default %(default)s")
    p.add_argument("--bin", default=os.path.join(ROOT, "build", "bin"), help="where the daemons are")
    p.add_argument("--net", default="127.0.0", help="first three parts of every address")
    p.add_argument("--sip", default="tcp", choices=("udp", "tcp", "tls"), help="between the CSCFs")
    p.add_argument("--cx", default="tcp", choices=("tcp", "tls"), help="towards the HSS")
    p.add_argument("--listen", default="", help="address for phones, instead of the P-CSCF's own")
    p.add_argument("--users", type=int, default=1000, help="load users")
    p.add_argument("--aka", type=int, default=0, help="AKA load users")
    p.add_argument("--slf", action="store_true", help="two HSSs, and an SLF that knows which one has whom")
    p.add_argument("--keep", action="store_true", help="what is in the directory stays")
    p.add_argument("--set", action="append", default=[], metavar="NAME:key.sub=value", help="an option of a daemon (*: of each)")
    a = p.parse_args()
    if (a.command in ("restart", "kill", "start")) != bool(a.name):
        p.error("restart, kill and start are of one daemon, the others of all")
    a.run = os.path.realpath(a.run)
    return a


def main():
    a = arguments()
    try:
        COMMANDS[a.command](a)
    except (Failure, RuntimeError, ValueError, OSError, subprocess.CalledProcessError) as e:
        why = e.stderr if isinstance(e, subprocess.CalledProcessError) else e
        sys.exit(f"{a.command}: {why}".rstrip())


if __name__ == "__main__":
    main()
