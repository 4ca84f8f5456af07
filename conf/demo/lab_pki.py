# SPDX-License-Identifier: Apache-2.0
"""A throw-away certification authority and a certificate for each daemon: ECDSA P-256, for a week."""
import os
import subprocess

from lab_conf import DOMAIN, HOSTS

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True)


def authority(lab):
    openssl("req", "-x509", *KEY, "-days", "7", "-subj", f"/O=minims lab/CN={DOMAIN} lab CA", "-keyout", lab.path("pki", "ca.key"),
            "-out", lab.path("pki", "ca.pem"), "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def names_of(lab, name):
    """Names are what peers check; the addresses serve tools that know no DNS."""
    names = [f"DNS:{name}.{DOMAIN}", f"IP:{lab.address(name)}"]
    if name == "pcscf":
        names += [f"DNS:{DOMAIN}"] + ([f"IP:{lab.listen}"] if lab.listen else [])
    return ",".join(names)


def certificate(lab, name):
    """Certificate and key in one file, its owner's only."""
    pem, key = lab.path("pki", f"{name}.pem"), lab.path("pki", f"{name}.key")
    openssl("req", "-x509", *KEY, "-days", "7", "-CA", lab.path("pki", "ca.pem"), "-CAkey", lab.path("pki", "ca.key"),
            "-subj", f"/O=minims lab/CN={name}.{DOMAIN}", "-keyout", key, "-out", pem,
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
            "-addext", "extendedKeyUsage=serverAuth,clientAuth", "-addext", f"subjectAltName={names_of(lab, name)}")
    with open(key) as k, open(pem, "a") as p:
        os.chmod(pem, 0o600)
        p.write(k.read())
    os.remove(key)


def make(lab):
    """freeDiameter wants Diffie-Hellman parameters: a known group, for making one takes up to a second. [RFC 7919]"""
    authority(lab)
    for name in HOSTS:
        if name != "dns":
            certificate(lab, name)
    openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", lab.path("pki", "dh.pem"))
