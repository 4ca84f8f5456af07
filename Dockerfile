# SPDX-License-Identifier: Apache-2.0
# An image for each daemon, one for DNS, one for the operator: docker build --target pcscf|icscf|scscf|hss|dns|imsctl .
# Each process is user 1000 and writes below its volume and /tmp only.

FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends make
WORKDIR /minims
COPY Makefile VERSION ./
RUN make build-deps
COPY common common
COPY db db
COPY ctl ctl
COPY hss hss
COPY icscf icscf
COPY scscf scscf
COPY pcscf pcscf
RUN make -j"$(nproc)" LDFLAGS=-Wl,--as-needed && strip build/bin/*

FROM debian:12-slim AS daemon
RUN apt-get update && apt-get install -y --no-install-recommends libsofia-sip-ua0 libfdcore6 libfdproto6 freediameter-extensions libcyaml1 libuv1 libjansson4 libcurl4 libxml2 libmicrohttpd12 libssl3 libpcre2-8-0 libsqlite3-0 libpq5 liblmdb0 libmimalloc2.0 && rm -rf /var/lib/apt/lists/* \
	&& useradd --uid 1000 --no-create-home minims && install -d -o minims -g minims -m 700 /var/lib/minims /run/minims/admin
USER minims
VOLUME /var/lib/minims

FROM daemon AS hss
COPY --from=build /minims/build/bin/hss /usr/local/bin/
ENTRYPOINT ["hss"]

FROM daemon AS icscf
COPY --from=build /minims/build/bin/icscf /usr/local/bin/
ENTRYPOINT ["icscf"]

FROM daemon AS scscf
COPY --from=build /minims/build/bin/scscf /usr/local/bin/
ENTRYPOINT ["scscf"]

FROM daemon AS pcscf
COPY --from=build /minims/build/bin/pcscf /usr/local/bin/
ENTRYPOINT ["pcscf"]

FROM debian:12-slim AS dns
RUN apt-get update && apt-get install -y --no-install-recommends dnsmasq-base && rm -rf /var/lib/apt/lists/* \
	&& useradd --uid 1000 --no-create-home minims
USER minims
ENTRYPOINT ["dnsmasq", "--conf-file=/etc/minims/dnsmasq.conf"]

# imsctl, and what makes the lab's certificates and users.
FROM debian:12-slim AS imsctl
RUN apt-get update && apt-get install -y --no-install-recommends libcyaml1 libjansson4 libcurl4 openssl curl ca-certificates && rm -rf /var/lib/apt/lists/* \
	&& useradd --uid 1000 --no-create-home minims \
	&& for name in ca admin pcscf icscf scscf hss; do install -d -o minims -g minims -m 700 /lab/$name; done
COPY --from=build /minims/build/bin/imsctl /usr/local/bin/
COPY conf/docker/pki.sh conf/docker/users.sh /usr/local/bin/
USER minims
ENTRYPOINT ["imsctl"]
