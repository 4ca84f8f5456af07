# SPDX-License-Identifier: Apache-2.0
"""A softphone, Debian's baresip, on an address of its own: registers, calls, sends messages, and says what it hears.

It is driven over its control socket (JSON in netstrings) and read there and on its standard output."""
import glob
import json
import math
import os
import select
import socket
import struct
import subprocess
import time
import wave

MODULES = "/usr/lib/baresip/modules"
RATE = 8000
CONFIG = """\
sip_listen {address}:{port}
net_interface {address}
dns_server {dns}
sip_cafile {ca}
module_path {modules}
module stdio.so
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {address}:{control}
statmode_default off
audio_source aufile,{directory}/tone.wav
audio_player aubridge,none
audio_alert aubridge,none
snd_path {directory}
"""


class Phone:
    """`proxy`: "sip:pcscf.ims.test:5061;transport=tls"; `other`: the identity its messages go to; `tone`: what it says, in Hz.
    Two phones on one address need ports of their own (TLS listens on `port` + 1)."""

    def __init__(self, directory, *, user, password, address, proxy, dns, ca, other, tone, port=5060, control=4444):
        self.user, self.door, self.directory, self.events, self.buffer = user, (address, control), directory, [], b""
        os.makedirs(directory, exist_ok=True)
        self.write("config", CONFIG.format(address=address, port=port, control=control, dns=dns, ca=ca, modules=MODULES, directory=directory))
        self.write("accounts", f'<sip:{user}>;auth_user={user};auth_pass={password};outbound="{proxy}";regint=600;answermode=auto\n')
        self.write("contacts", f'"other" <{other}>\n')
        self.write_tone(tone)
        with open(self.path("out"), "w") as out:
            self.process = subprocess.Popen(["baresip", "-f", directory, "-v"], stdin=subprocess.PIPE, stdout=out, stderr=out)
        self.control = None

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def write_tone(self, hertz, seconds=30):
        with wave.open(self.path("tone.wav"), "wb") as w:
            w.setnchannels(1)
            w.setsampwidth(2)
            w.setframerate(RATE)
            w.writeframes(b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * hertz * i / RATE))) for i in range(RATE * seconds)))

    # ---- what it says ----

    def output(self):
        with open(self.path("out"), errors="replace") as f:
            return f.read()

    def pump(self, seconds):
        """Reads what the control socket has to say within that time."""
        if select.select([self.control], [], [], seconds)[0]:
            self.buffer += self.control.recv(65536)
        while b":" in self.buffer:
            size, rest = self.buffer.split(b":", 1)
            if len(rest) <= int(size):
                break
            self.events.append(json.loads(rest[:int(size)]))
            self.buffer = rest[int(size) + 1:]

    def wait(self, what, condition, seconds=10):
        """Until `condition()`; else TimeoutError with `what` and the end of the phone's output."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > end or self.process.poll() is not None:
                raise TimeoutError(f"{self.user}: {what} not seen; the phone says:\n{self.output()[-1500:]}")
            self.pump(0.05) if self.control else time.sleep(0.05)
        return found

    def wait_event(self, kind, seconds=10):
        """The first event of that type that nobody waited for yet."""
        def find():
            return next((e for e in self.events if e.get("type") == kind), None)
        event = self.wait(kind, find, seconds)
        self.events.remove(event)
        return event

    def wait_output(self, text, seconds=10):
        self.wait(f"'{text}'", lambda: text in self.output(), seconds)

    # ---- what it does ----

    def connect(self):
        try:
            self.control = socket.create_connection(self.door, timeout=5)
        except ConnectionRefusedError:
            return False
        return True

    def registered(self):
        self.wait("its control socket", lambda: self.control or self.connect())
        self.wait_output("registered successfully")

    def command(self, name, parameters=""):
        text = json.dumps({"command": name, "params": parameters, "token": name}).encode()
        self.control.sendall(b"%d:%s," % (len(text), text))
        self.wait(f"the answer to {name}", lambda: any(e.get("token") == name for e in self.events))
        self.events = [e for e in self.events if e.get("token") != name]

    def dial(self, uri):
        self.command("dial", uri)

    def message(self, text):
        self.command("contact_next")
        self.command("message", text)

    def hang_up(self):
        self.command("hangup")

    def end(self, seconds=5):
        """De-registers and ends; whether it did so by itself."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False

    # ---- what it hears: baresip's sndfile keeps the decoded sound of each call ----

    def recording(self):
        return max(glob.glob(self.path("dump-*-dec.wav")), default=None, key=os.path.getmtime)

    def wait_sound(self, seconds_of_sound, seconds=15):
        self.wait("sound", lambda: self.recording() and os.path.getsize(self.recording()) > 2 * RATE * seconds_of_sound, seconds)

    def share_heard(self, hertz):
        """How much of the last call's sound is that tone: 0 to 1 (Goertzel)."""
        with wave.open(self.recording()) as w:
            samples = [s for s, in struct.iter_unpack("<h", w.readframes(w.getnframes()))][-RATE:]
        c, a, b = 2 * math.cos(2 * math.pi * hertz / RATE), 0.0, 0.0
        for s in samples:
            a, b = s + c * a - b, a
        energy = sum(s * s for s in samples)
        return 2 * (a * a + b * b - c * a * b) / (len(samples) * energy) if energy else 0.0
