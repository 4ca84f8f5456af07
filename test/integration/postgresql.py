# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of the tests' own: in a directory under /tmp, on a Unix socket and a port of its own, ended with the run.

It refuses root, so that it runs as `postgres`, whom the package made. Debian's own cluster, if there is one, is not touched.
fsync is off unless asked for: the tests kill processes, not machines."""
import csv
import glob
import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile

ADDRESS = "127.0.0.1"  # of the run's own network, or a port nobody has


def free_port():
    import socket
    with socket.socket() as s:
        s.bind((ADDRESS, 0))
        return s.getsockname()[1]


class Postgresql:
    _databases = itertools.count(1)

    def __init__(self, fsync=False):
        self.bin = pathlib.Path(max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4])))
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="minims-pg-"))
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.dir, "postgres")
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "minims", "--no-sync", "--no-locale", "-E", "UTF8")
        with open(self.data / "postgresql.conf", "a") as f:
            f.write(f"listen_addresses = '{ADDRESS}'\nport = {self.port}\nunix_socket_directories = '{self.dir}'\nmax_connections = 200\n"
                    f"fsync = {'on' if fsync else 'off'}\nfull_page_writes = {'on' if fsync else 'off'}\n")
        self.start()

    @property
    def data(self):
        return self.dir / "data"

    def run(self, program, *args):
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        p = subprocess.run([*as_postgres, self.bin / program, *args], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert p.returncode == 0, p.stdout
        return p.stdout

    def start(self):
        # pg_ctl's own standard output would be the server's, too
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.dir / "log", "start", "-o", "-c logging_collector=off")

    def stop(self, how="fast"):
        """"fast" ends the connections, "immediate" as a crash would."""
        self.run("pg_ctl", "-D", self.data, "-w", "-m", how, "stop")

    def remove(self):
        self.stop("immediate")
        shutil.rmtree(self.dir)

    def new_database(self):
        """Its line in the configuration."""
        name = f"hss{next(self._databases)}"
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.where(name)

    def where(self, name):
        return f"postgresql://minims@{ADDRESS}:{self.port}/{name}"

    def sql(self, database, text):
        """Its rows, as sqlite3 would give them. `database`: a name or its line in the configuration."""
        p = subprocess.run([self.bin / "psql", "-XqAt", "--csv", "-v", "ON_ERROR_STOP=1", "-P", "null=\x01", "-h", self.dir, "-p", str(self.port),
                            "-U", "minims", "-d", database.rsplit("/", 1)[-1], "-c", text], capture_output=True, text=True)
        assert p.returncode == 0, p.stderr
        return [tuple(value(v) for v in row) for row in csv.reader(p.stdout.splitlines())]


def value(text):
    if text in ("t", "f"):
        return int(text == "t")
    return None if text == "\x01" else int(text) if text.lstrip("-").isdigit() else text
