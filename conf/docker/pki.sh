#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A certification authority for the lab and a certificate for each daemon, in the volumes /lab/NAME: a daemon sees its own key
# only, the authority's key stays in /lab/ca, and the operator's certificate and token are in /lab/admin. What is there stays.
set -eu
umask 077
DOMAIN=ims.test
KEY="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365"

authority() {
	openssl req -x509 $KEY -subj "/O=minims lab/CN=$DOMAIN lab CA" -addext keyUsage=critical,keyCertSign,cRLSign \
		-keyout /lab/ca/ca.key -out /lab/ca/ca.new 2>/dev/null
	mv /lab/ca/ca.new /lab/ca/ca.pem
}

certificate() { # NAME, its names: certificate and key in one file
	pki=/lab/$1/pki
	mkdir -p "$pki"
	openssl req -x509 $KEY -CA /lab/ca/ca.pem -CAkey /lab/ca/ca.key -subj "/O=minims lab/CN=$1.$DOMAIN" \
		-addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature \
		-addext extendedKeyUsage=serverAuth,clientAuth -addext "subjectAltName=$2" -keyout "$pki/new" -out "$pki/new.crt" 2>/dev/null
	cat "$pki/new.crt" >>"$pki/new"
	rm "$pki/new.crt"
	cp /lab/ca/ca.pem "$pki/ca.pem"
	# Diffie-Hellman parameters for freeDiameter: a known group, for making one takes long [RFC 7919]
	openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out "$pki/dh.pem"
	mv "$pki/new" "$pki/$1.pem"
}

[ -s /lab/ca/ca.pem ] || authority
[ -s /lab/pcscf/pki/pcscf.pem ] || certificate pcscf "DNS:pcscf.$DOMAIN,DNS:$DOMAIN,IP:10.77.0.11"
for name in icscf scscf hss; do
	[ -s "/lab/$name/pki/$name.pem" ] || certificate "$name" "DNS:$name.$DOMAIN"
done
cp /lab/ca/ca.pem /lab/admin/ca.pem
[ -s /lab/admin/admin.token ] || openssl rand -hex 32 >/lab/admin/admin.token
