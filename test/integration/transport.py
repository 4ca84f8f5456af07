# SPDX-License-Identifier: Apache-2.0
"""Sockets and timers of the test phones: one thread that waits, one lock that all phones share."""
import heapq
import itertools
import selectors
import socket
import ssl
import threading
import time
import traceback

from sipmsg import Malformed, frame


class Timer:
    def __init__(self, fn):
        self.fn = fn

    def cancel(self):
        self.fn = None


class Loop:
    """Handlers and timers run in its thread, under `lock`; a story waits on the same lock for what it expects."""

    def __init__(self):
        self.lock = threading.Condition(threading.RLock())
        self.selector, self.timers, self.order = selectors.DefaultSelector(), [], itertools.count()
        self.wake_read, self.wake_write = socket.socketpair()
        self.wake_read.setblocking(False)
        self.selector.register(self.wake_read, selectors.EVENT_READ, self.drain)
        self.errors, self.running = [], True
        self.thread = threading.Thread(target=self.run, name="phones", daemon=True)
        self.thread.start()

    def drain(self):
        self.wake_read.recv(4096)

    def wake(self):
        self.wake_write.send(b".")

    def watch(self, sock, fn):
        with self.lock:
            self.selector.register(sock, selectors.EVENT_READ, fn)
        self.wake()

    def forget(self, sock):
        with self.lock:
            try:
                self.selector.unregister(sock)
            except (KeyError, ValueError):
                pass

    def later(self, seconds, fn):
        timer = Timer(fn)
        with self.lock:
            heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.order), timer))
        self.wake()
        return timer

    def next_timer(self):
        with self.lock:
            return max(0, self.timers[0][0] - time.monotonic()) if self.timers else 3600

    def due(self):
        while self.timers and self.timers[0][0] <= time.monotonic():
            timer = heapq.heappop(self.timers)[2]
            if timer.fn:
                yield timer.fn

    def run(self):
        while self.running:
            ready = self.selector.select(self.next_timer())
            with self.lock:
                for fn in [key.data for key, _ in ready] + list(self.due()):
                    self.guarded(fn)
                self.lock.notify_all()

    def guarded(self, fn):
        try:
            fn()
        except Exception:  # a bug of the harness: the test that waits must see it
            self.errors.append(traceback.format_exc())

    def wait(self, condition, within, what):
        """Until condition() is true: its value. AssertionError with what() when the time is over."""
        with self.lock:
            value = self.lock.wait_for(lambda: condition() or self.errors, within)
            assert not self.errors, self.errors.pop()
            assert value, "after %g s: %s" % (within, what() if callable(what) else what)
            return value

    def stop(self):
        self.running = False
        self.wake()
        self.thread.join()
        self.selector.close()


class Datagrams:
    """A UDP socket on an address of our own."""
    reliable, protocol = False, "udp"

    def __init__(self, loop, address, on_message):
        self.loop, self.on_message = loop, on_message
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(address)
        self.local = self.socket.getsockname()
        self.alive = True
        loop.watch(self.socket, self.readable)

    def readable(self):
        if not self.alive:
            return
        try:
            raw, source = self.socket.recvfrom(65535)
        except ConnectionError:
            return  # an ICMP error: the peer is down, timers tell the rest
        if raw.strip(b"\r\n\0"):
            self.on_message(raw, self, source)

    def send(self, raw, to):
        try:
            self.socket.sendto(raw, to)
        except ConnectionError:
            pass

    def close(self):
        self.alive = False
        self.loop.forget(self.socket)
        self.socket.close()


class Stream:
    """A TCP or TLS connection, opened by us or accepted."""
    reliable = True

    def __init__(self, loop, sock, on_message, on_close=None):
        self.loop, self.socket, self.on_message, self.on_close = loop, sock, on_message, on_close
        self.protocol = "tls" if isinstance(sock, ssl.SSLSocket) else "tcp"
        self.local, self.remote = sock.getsockname(), sock.getpeername()
        self.buffer, self.alive = b"", True
        loop.watch(sock, self.readable)

    def receive(self):
        self.socket.settimeout(0)
        out = b""
        try:
            while True:
                piece = self.socket.recv(65536)
                if not piece:
                    return out, True
                out += piece
        except (BlockingIOError, ssl.SSLWantReadError):
            return out, False
        except OSError:
            return out, True

    def readable(self):
        if not self.alive:
            return
        new, ended = self.receive()
        self.buffer += new
        try:
            message, self.buffer = frame(self.buffer)
            while message:
                self.on_message(message, self, self.remote)
                message, self.buffer = frame(self.buffer)
        except Malformed as e:
            self.on_message(e, self, self.remote)
            ended = True
        if ended:
            self.close()

    def send(self, raw, to=None):
        if not self.alive:
            return
        try:
            self.socket.settimeout(10)
            self.socket.sendall(raw)
        except OSError:
            self.close()

    def close(self):
        if not self.alive:
            return
        self.alive = False
        self.loop.forget(self.socket)
        self.socket.close()
        if self.on_close:
            self.on_close(self)


def connect(loop, local, remote, on_message, on_close=None, tls=None, name=None):
    """A connection from `local` (port 0: any) to `remote`; `tls`: an SSLContext that checks the peer to be `name`."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        sock.settimeout(5)
        sock.bind(local)
        sock.connect(remote)
        if tls:
            sock = tls.wrap_socket(sock, server_hostname=name)
    except OSError:
        sock.close()
        raise
    return Stream(loop, sock, on_message, on_close)


class Listener:
    """Accepts connections, for a phone that is called without a proxy."""

    def __init__(self, loop, address, on_message, tls=None):
        self.loop, self.on_message, self.tls, self.streams = loop, on_message, tls, []
        self.socket = socket.create_server(address)
        self.local = self.socket.getsockname()
        loop.watch(self.socket, self.readable)

    def readable(self):
        sock, _ = self.socket.accept()
        sock.settimeout(5)
        if self.tls:
            sock = self.tls.wrap_socket(sock, server_side=True)
        self.streams.append(Stream(self.loop, sock, self.on_message))

    def close(self):
        self.loop.forget(self.socket)
        self.socket.close()
        for stream in self.streams:
            stream.close()


def tls_client(ca, certificate=None):
    """Checks the server against `ca`, and its name."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca)
    if certificate:
        context.load_cert_chain(certificate)
    return context


def tls_server(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context
