#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A certification authority for the lab and a certificate for each daemon, in the volumes /lab/NAME: a daemon sees its own key
# only, the authority's key stays in /lab/ca, and the operator's certificate and token are in /lab/admin. What is valid stays.
set -eu
umask 077
LAB=${LAB:-/lab} DOMAIN=ims.test
KEY="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365"

authority() {
	openssl req -x509 $KEY -subj "/O=minims lab/CN=$DOMAIN lab CA" -addext keyUsage=critical,keyCertSign,cRLSign \
		-keyout "$LAB/ca/ca.key" -out "$LAB/ca/ca.new" 2>/dev/null
	mv "$LAB/ca/ca.new" "$LAB/ca/ca.pem"
}

certificate() { # NAME, its names: certificate and key in one file
	pki=$LAB/$1/pki
	mkdir -p "$pki"
	openssl req -x509 $KEY -CA "$LAB/ca/ca.pem" -CAkey "$LAB/ca/ca.key" -subj "/O=minims lab/CN=$1.$DOMAIN" \
		-addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature \
		-addext extendedKeyUsage=serverAuth,clientAuth -addext "subjectAltName=$2" -keyout "$pki/new" -out "$pki/new.crt" 2>/dev/null
	cat "$pki/new.crt" >>"$pki/new"
	rm "$pki/new.crt"
	cp "$LAB/ca/ca.pem" "$pki/ca.pem"
	# Diffie-Hellman parameters for freeDiameter: a known group, for making one takes long [RFC 7919]
	openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out "$pki/dh.pem"
	mv "$pki/new" "$pki/$1.pem"
}

# Also what has expired is made anew.
valid() { openssl verify -CAfile "$LAB/ca/ca.pem" "$1" >/dev/null 2>&1; }

valid "$LAB/ca/ca.pem" || authority
valid "$LAB/pcscf/pki/pcscf.pem" || certificate pcscf "DNS:pcscf.$DOMAIN,DNS:$DOMAIN,IP:10.77.0.11"
for name in icscf scscf hss; do
	valid "$LAB/$name/pki/$name.pem" || certificate "$name" "DNS:$name.$DOMAIN"
done
cp "$LAB/ca/ca.pem" "$LAB/admin/ca.pem"
[ -s "$LAB/admin/admin.token" ] || openssl rand -hex 32 >"$LAB/admin/admin.token"
