# SPDX-License-Identifier: Apache-2.0
"""What stands where in a local core, and the configuration file of each of its daemons."""
import json
import os
import re
from dataclasses import asdict, dataclass, field

DOMAIN = "ims.test"
HOSTS = {"pcscf": 11, "icscf": 12, "scscf": 13, "hss": 14, "as": 15, "dns": 16, "pcscf2": 21, "icscf2": 22, "scscf2": 23,
         "slf": 24, "hss2": 25}
START = ("hss", "icscf", "scscf", "pcscf")  # in this order; the end is in the other one
SPARE = ("scscf2",)  # known to DNS, I-CSCF and HSS from the start, started by name
CAPABILITIES = {"scscf": [1, 2], "scscf2": [1, 3]}
PLAIN = "a lab's choice: between machines it is tls"


@dataclass
class Lab:
    """The choices `up` was called with; the later commands read them back."""
    run: str
    bin: str
    net: str = "127.0.0"
    sip: str = "tcp"
    cx: str = "tcp"
    listen: str = ""
    slf: bool = False  # two HSSs behind a Subscription Locator Function
    dns_port: int = 53
    settings: list = field(default_factory=list)
    extra: list = field(default_factory=list)  # spare instances that were started

    def address(self, name):
        return f"{self.net}.{HOSTS[name]}"

    def path(self, *parts):
        return os.path.join(self.run, *parts)

    @property
    def start(self):
        return START if not self.slf else ("hss", "hss2", "slf") + START[1:]

    @property
    def instances(self):
        return list(self.start) + self.extra

    @property
    def servers(self):
        """Who is asked over Cx, the SLF first."""
        return [n for n in ("slf", "hss", "hss2") if n in self.start]


def kind_of(name):
    return name.rstrip("0123456789")


def save(lab):
    with open(lab.path("conf", "lab.json"), "w") as f:
        json.dump({k: v for k, v in asdict(lab).items() if k != "run"}, f, indent=1)


def load(run):
    """None when there is no core in that directory."""
    try:
        with open(os.path.join(run, "conf", "lab.json")) as f:
            return Lab(run=run, **json.load(f))
    except FileNotFoundError:
        return None


# ---- YAML: as much of it as these files need ----

class Raw(str):
    """Written as it is."""


@dataclass
class Note:
    value: object
    text: str


def scalar(v):
    if isinstance(v, bool):
        return str(v).lower()
    if isinstance(v, list):
        return "[" + ", ".join(scalar(x) for x in v) + "]"
    if isinstance(v, (int, Raw)):
        return str(v)
    return v if re.fullmatch(r"[A-Za-z/.][\w@./:-]*|\d+\.\d+\.\d+\.\d+[\d:/]*", v) else json.dumps(v)


def lines_of(key, v, indent):
    note = f"  # {v.text}" if isinstance(v, Note) else ""
    v = v.value if isinstance(v, Note) else v
    if isinstance(v, dict):
        return [f"{indent}{key}:{note}"] + [x for k, w in v.items() for x in lines_of(k, w, indent + "  ")]
    if isinstance(v, list) and v and isinstance(v[0], dict):
        items = [[x[len(indent) + 4:] for k, w in d.items() for x in lines_of(k, w, indent + "    ")] for d in v]
        return [f"{indent}{key}:{note}"] + [indent + ("    " if i else "  - ") + x for item in items for i, x in enumerate(item)]
    return [f"{indent}{key}: {scalar(v)}{note}"]


def text_of(about, options):
    head = ["# SPDX-License-Identifier: Apache-2.0", f"# {about}"]
    return "\n".join(head + [x for k, v in options.items() for x in lines_of(k, v, "")]) + "\n"


# ---- what the daemons share ----

def base(lab, name):
    dns = lab.address("dns") + ("" if lab.dns_port == 53 else f":{lab.dns_port}")
    return {
        "instance": name, "domain": DOMAIN, "dns": dns,
        "log": {"file": lab.path(f"{name}.log")},
        "ops": {"address": lab.address(name) + ":9090"},
        "trace": {"mode": Note("all", "a lab's choice: the default keeps only what failed")},
        "tls": {"certificate": lab.path("pki", f"{name}.pem"), "ca": lab.path("pki", "ca.pem")},
        "state": lab.path("state", name), "drain_s": 3,
    }


def sockets(address):
    return {"udp": f"{address}:5060", "tcp": f"{address}:5060", "tls": f"{address}:5061"}


def mw(lab, name):
    transport = lab.sip if lab.sip == "tls" else Note(lab.sip, PLAIN)
    return {**sockets(lab.address(name)), "transport": transport}


def trust(lab):
    """With tls the certificates decide alone."""
    if lab.sip == "tls":
        return {"names": [f".{DOMAIN}"]}
    core = [f"{lab.address(n)}/32" for n in HOSTS if kind_of(n) not in ("hss", "slf", "dns")]
    return {"addresses": Note(core, "a lab's choice: between machines certificates decide")}


def diameter(lab, name, peers):
    tls = lab.cx == "tls"
    return {
        "address": lab.address(name), "dh": lab.path("pki", "dh.pem"),
        "peers": [{"identity": f"{p}.{DOMAIN}", "address": lab.address(p), "tls": tls if tls else Note(tls, PLAIN),
                   **({"slf": True} if p == "slf" else {})} for p in peers],
    }


# ---- each ----

def pcscf(lab, name):
    gm = sockets(lab.listen or lab.address(name))
    return {
        **base(lab, name), "trust": trust(lab), "gm": gm, "mw": mw(lab, name),
        "access": {"aka_without_ipsec": Note(True, "a lab's deviation [TS 33.203 7]")},
    }


def icscf(lab, name):
    servers = [{"name": f"sip:{n}.{DOMAIN}", "capabilities": c} for n, c in CAPABILITIES.items()]
    return {**base(lab, name), "trust": trust(lab), "mw": mw(lab, name), "diameter": diameter(lab, name, lab.servers), "scscfs": servers}


def scscf(lab, name):
    return {
        **base(lab, name), "trust": trust(lab), "mw": mw(lab, name), "diameter": diameter(lab, name, lab.servers),
        "cdr": lab.path(f"{name}.cdr"),
    }


def hss(lab, name):
    return {
        **base(lab, name), "diameter": diameter(lab, name, ["icscf", "scscf"]),
        "store": "sqlite:" + lab.path(f"{name}.db"), "rest": {"token_file": lab.path("admin.token")},
    }


def slf(lab, name):
    return {**hss(lab, name), "role": "slf"}


def imsctl(lab):
    return {
        "domain": DOMAIN, "ops": [{"name": n, "address": lab.address(n) + ":9090"} for n in lab.instances],
        "hss": f"https://{lab.address('hss')}:8443", "slf": f"https://{lab.address('slf' if lab.slf else 'hss')}:8443", "ca": lab.path("pki", "ca.pem"), "token_file": lab.path("admin.token"),
    }


# ---- settings of the command line: NAME:key.sub=value ----

def apply_setting(options, key, value):
    *groups, last = key.split(".")
    for g in groups:
        inner = options.get(g)
        options = options.setdefault(g, {}) if not isinstance(inner, Note) else inner.value
    options[last] = Raw(value)


def parse_setting(text):
    m = re.fullmatch(r"([a-z0-9*]+):([a-z0-9_.]+)=(.*)", text)
    if not m or m[1] != "*" and m[1] not in HOSTS:
        raise ValueError(f"NAME:key.sub=value is expected: '{text}'")
    return m.groups()


def options_of(lab, name):
    options = {"pcscf": pcscf, "icscf": icscf, "scscf": scscf, "hss": hss, "slf": slf}[kind_of(name)](lab, name)
    for s in lab.settings:
        to, key, value = parse_setting(s)
        if to in ("*", name):
            apply_setting(options, key, value)
    return options


# ---- files ----

def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def write_dns(lab):
    """The zone of conf/dns, at this core's addresses. NAPTR prefers the transport that the core uses."""
    template = os.path.join(os.path.dirname(__file__), "..", "dns", "dnsmasq.conf")
    order = [lab.sip] + [t for t in ("tcp", "udp", "tls") if t != lab.sip]
    service = {"udp": ("SIP+D2U", "_sip._udp"), "tcp": ("SIP+D2T", "_sip._tcp"), "tls": ("SIPS+D2T", "_sips._tcp")}
    zone = [f"host-record={n}.{DOMAIN},{lab.address(n)}" for n in HOSTS]
    entry = {DOMAIN: "icscf", **{f"{n}.{DOMAIN}": n for n in HOSTS if kind_of(n) not in ("hss", "slf", "dns")}}
    for name, host in entry.items():
        for i, t in enumerate(order):
            zone += [f"naptr-record={name},{10 + i},50,s,{service[t][0]},,{service[t][1]}.{name}",
                     f"srv-host={service[t][1]}.{name},{host}.{DOMAIN},{5061 if t == 'tls' else 5060}"]
    with open(template) as f:
        text = f.read()
    for key, value in (("ADDRESS", lab.address("dns")), ("PORT", lab.dns_port), ("DOMAIN", DOMAIN), ("ZONE", "\n".join(zone))):
        text = text.replace(f"@{key}@", str(value))
    write(lab.path("conf", "dnsmasq.conf"), text)


def write_imsctl(lab):
    write(lab.path("conf", "imsctl.yaml"), text_of("imsctl of this local core", imsctl(lab)))


def write_all(lab):
    for name in lab.start + SPARE:
        about = f"{name} of a local core, made anew by every `make up`; conf/{kind_of(name).replace('slf', 'hss')}.yaml explains each option"
        write(lab.path("conf", f"{name}.yaml"), text_of(about, options_of(lab, name)))
    write_imsctl(lab)
    write_dns(lab)
    save(lab)
