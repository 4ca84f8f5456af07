# SPDX-License-Identifier: Apache-2.0
# minims. `make help` lists the targets; V=1 shows the commands; BUILD=dir builds elsewhere.
BUILD   ?= build
VERSION := $(shell cat VERSION)
DAEMONS := pcscf icscf scscf hss
BINARIES := $(DAEMONS) imsctl
PREFIX  ?= /usr/local

PKGS := sofia-sip-ua libcyaml yaml-0.1 libuv jansson libcurl libxml-2.0 libmicrohttpd libcrypto libssl libpcre2-8 sqlite3 libpq
CC      ?= gcc
WARN    := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Werror
CFLAGS  ?= -O2 -g
CPPFLAGS += -I. -D_GNU_SOURCE -DMINIMS_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDLIBS  := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -llmdb -lfdproto -lfdcore -lpthread -lm
ALLOC := $(if $(SANITIZE),,-Wl,--no-as-needed -lmimalloc)
ALL_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(SANITIZE) -MMD -MP

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-5s %s\n'
endif

COMMON_SRC := $(wildcard common/*.c common/*/*.c)
COMMON_OBJ := $(COMMON_SRC:%.c=$(BUILD)/%.o) $(BUILD)/db/sql.o $(BUILD)/docs/openapi.o
obj_of = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c $(1)/*/*.c))

all: $(BINARIES:%=$(BUILD)/bin/%)          ## build everything

$(BUILD)/%.o: %.c
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# The SQL of db/ as C strings.
sql_text = sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $(1)
$(BUILD)/db/sql.c: db/schema.sql $(wildcard db/migrations/*.sql)
	$(say) SQL $@
	@mkdir -p $(@D)
	$(Q){ echo '#include "db/sql.h"'; echo 'const char sql_schema[] ='; $(call sql_text,$<); \
		echo '; const struct sql_migration sql_migrations[] = {'; \
		for f in $(filter-out $<,$^); do echo "{ \"$${f##*/}\","; $(call sql_text,$$f); echo '},'; done; \
		echo '}; const size_t sql_migration_count = sizeof sql_migrations / sizeof sql_migrations[0];'; } > $@

$(BUILD)/db/sql.o: $(BUILD)/db/sql.c
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# The description of the REST door, which the HSS serves.
$(BUILD)/docs/openapi.c: docs/openapi.json
	$(say) JSON $@
	@mkdir -p $(@D)
	$(Q){ echo '#include "docs/openapi.h"'; echo 'const char openapi_json[] ='; $(call sql_text,$<); echo ';'; } > $@

$(BUILD)/docs/openapi.o: $(BUILD)/docs/openapi.c
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/libminims.a: $(COMMON_OBJ)
	$(say) AR $@
	$(Q)rm -f $@ && ar rcs $@ $^

define binary
$(BUILD)/bin/$(1): $(call obj_of,$(2)) $(BUILD)/libminims.a
	$$(say) LD $$@
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(LDFLAGS) -o $$@ $(call obj_of,$(2)) $(BUILD)/libminims.a $(if $(filter $(1),$(DAEMONS)),$$(ALLOC)) $$(LDLIBS)
endef
$(foreach d,$(DAEMONS),$(eval $(call binary,$(d),$(d))))
$(eval $(call binary,imsctl,ctl))

# Unit tests: test/unit/test_X.c, each a cmocka program; a line `// with: hss/store/store.c` links a daemon's file too.
UNIT := $(patsubst test/unit/%.c,$(BUILD)/unit/%,$(wildcard test/unit/test_*.c))
.SECONDEXPANSION:
with = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(shell sed -n "s|^// with: ||p" $(1))))
$(BUILD)/unit/%: test/unit/%.c $$(call with,test/unit/$$*.c) $(BUILD)/libminims.a
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $< $(filter %.o,$^) $(BUILD)/libminims.a $(LDLIBS) -lcmocka

unit: $(UNIT) $(BUILD)/bin-test/decoder    ## build and run the unit tests
	$(Q)test/check-arrows.sh
	$(Q)set -e; for t in $(UNIT); do timeout 120 $$t; done
	$(Q)$(call decode,20000)

# The stories: pytest with the real daemons, on 127.33.0.0/16 and 127.37.0.0/16. TESTS=files runs only those.
TESTS ?= test/integration
stories: all tools
	$(Q)BIN=$(abspath $(BUILD)/bin) LSAN_OPTIONS=suppressions=$(CURDIR)/test/lsan.supp:print_suppressions=0 \
		pytest -q $(PYTEST) -p no:cacheprovider $(TESTS)

test: unit stories                         ## the ordinary test run: unit tests, then the stories on the real daemons

ASAN := BUILD=build/asan CFLAGS='-O1 -g' \
	SANITIZE='-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined'
asan:                                      ## everything with sanitizers, into build/asan
	+$(Q)$(MAKE) $(ASAN) all

test-asan:                                 ## the whole test run, sanitized, with longer mutations
	+$(Q)$(MAKE) $(ASAN) N=30000 FUZZ_DIAMETER=5000 FUZZ_REST=5000 test

VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible --suppressions=test/valgrind.supp
valgrind: $(UNIT)                          ## the unit tests under valgrind
	$(Q)set -e; for t in $(UNIT); do echo "$${t##*/}"; timeout 600 $(VALGRIND) $$t >$(BUILD)/valgrind.log 2>&1 || { cat $(BUILD)/valgrind.log; exit 1; }; done

fuzz:                                      ## N mutated messages of SIP, of Diameter and of REST to sanitized daemons
	+$(Q)$(MAKE) $(ASAN) N=$(or $(N),30000) FUZZ_DIAMETER=$(or $(N),5000) FUZZ_REST=$(or $(N),5000) PYTEST=-s \
		TESTS='test/integration/test_torture.py test/integration/test_hss_fuzz.py test/integration/test_hss_rest_fuzz.py' stories

decode = LSAN_OPTIONS=suppressions=$(CURDIR)/test/lsan.supp:print_suppressions=0 $(BUILD)/bin-test/decoder $(1) $(SEED)
decoder: $(BUILD)/bin-test/decoder
	$(Q)$(call decode,$(N))
fuzz-decoder:                              ## N=1000000 mutated messages of Cx and Sh through the sanitized decoder
	+$(Q)$(MAKE) $(ASAN) N=$(or $(N),1000000) decoder

kills:                                     ## kill -9 of the HSS under load, KILLS=100 times
	+$(Q)KILLS=$(or $(KILLS),100) $(MAKE) PYTEST=-s TESTS=test/integration/test_hss_kill.py stories

# Debian's packages: what the build needs, what the tests need.
BUILD_DEPS := gcc libc6-dev make pkg-config libsofia-sip-ua-dev libfreediameter-dev freediameter-extensions libcyaml-dev libyaml-dev libuv1-dev libjansson-dev \
	libcurl4-openssl-dev libxml2-dev libmicrohttpd-dev libssl-dev libpcre2-dev libsqlite3-dev libpq-dev liblmdb-dev libmimalloc-dev uthash-dev
DEMO_DEPS := $(BUILD_DEPS) python3 baresip-core dnsmasq-base openssl procps
DEPS := $(DEMO_DEPS) libcmocka-dev valgrind python3-pytest python3-jsonschema sip-tester tshark curl sqlite3 postgresql libxml2-utils iproute2 strace \
	nodejs $(if $(shell command -v npm),,npm)
missing = $(shell for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done)
as_root = $(if $(filter 0,$(shell id -u)),,sudo )env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300
get = $(if $(1),$(as_root) update && $(as_root) install -y --no-install-recommends $(1) >/dev/null,@:)
deps:                                      ## install what is missing of Debian's packages
	$(call get,$(call missing,$(DEPS)))

demo-deps:                                 ## only what the demo needs
	$(call get,$(call missing,$(DEMO_DEPS)))

build-deps:                                ## only what the build needs
	$(call get,$(call missing,$(BUILD_DEPS)))

install: all                               ## into DESTDIR and PREFIX, configuration into /etc/minims
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)/etc/minims
	install -m 755 $(BINARIES:%=$(BUILD)/bin/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 conf/systemd/minims.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/minims.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 docs/man/imsctl.1
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 $(DAEMONS:%=docs/man/%.8)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/bash-completion/completions conf/completion/imsctl
	set -e; for d in $(DAEMONS); do \
		sed 's|@DAEMON@|'$$d'|g; s|@BINDIR@|$(PREFIX)/bin|g' conf/systemd/minims-DAEMON.service \
			> $(DESTDIR)$(PREFIX)/lib/systemd/system/minims-$$d.service; \
		[ -e $(DESTDIR)/etc/minims/$$d.yaml ] || install -m 644 conf/$$d.yaml $(DESTDIR)/etc/minims; done
	[ -e $(DESTDIR)/etc/minims/imsctl.yaml ] || install -m 644 conf/imsctl.yaml $(DESTDIR)/etc/minims

# A core on loopback. USERS=n AKA=n load users, SIP=udp|tcp|tls CX=tcp|tls between the daemons, NET=127.0.9 moves every address,
# RUN=dir, LISTEN=address for phones, SLF=1 two HSSs behind an SLF, KEEP=1 keeps what is in run/, SET='NAME:key.sub=value ...' options, BIN=dir of the daemons.
RUN ?= run
flag = $(if $($(1)),--$(2) '$($(1))')
LAB = python3 conf/demo/lab.py --run '$(RUN)' --bin '$(or $(BIN),$(BUILD)/bin)'
LAB_UP = $(call flag,NET,net) $(call flag,SIP,sip) $(call flag,CX,cx) $(call flag,USERS,users) $(call flag,AKA,aka) \
	$(call flag,LISTEN,listen) $(if $(KEEP),--keep) $(if $(SLF),--slf) $(foreach s,$(SET),--set '$(s)')
up: $(if $(BIN),,all)                      ## start a core in run/, with users to try it
	$(Q)$(LAB) up $(LAB_UP)

down:                                      ## end it
	$(Q)$(LAB) down

status:                                    ## which of its daemons are ready
	$(Q)$(LAB) status

restart start kill:                        ## D=NAME: restart, start or kill -9 one daemon
	$(Q)$(LAB) $@ '$(D)'

demo: $(if $(BIN),,demo-deps)                   ## two phones register and call each other through a core
	$(if $(BIN),,+$(Q)$(MAKE) $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) all)
	$(Q)python3 conf/demo/demo.py --run '$(RUN)' --bin '$(or $(BIN),$(BUILD)/bin)' $(call flag,NET,net) $(call flag,SIP,sip) $(call flag,CX,cx)

# What a registration and a call cost: docs/performance.md. SIP=udp|tcp, RATE=400, ROUNDS=5, MAX=0 leaves out the highest rate.
bench: all bench-hss                       ## CPU, memory and highest rate with SIPp, as name=value
	$(Q)BIN='$(CURDIR)/$(BUILD)/bin' test/bench/bench.sh

# SUBSCRIBERS="100000 1000000", STORE=postgresql:...: how fast the HSS alone answers, against a bare freeDiameter server.
BENCH_TOOLS := $(patsubst %.c,$(BUILD)/%,$(wildcard test/bench/*.c))
$(BENCH_TOOLS): $(BUILD)/%: %.c
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE $(ALL_CFLAGS) -o $@ $< -lfdproto -lfdcore -lpthread

bench-hss: all $(BENCH_TOOLS)              ## questions a second to the HSS, as name=value
	$(Q)for n in $(or $(SUBSCRIBERS),100000); do BIN='$(CURDIR)/$(BUILD)/bin' TOOLS='$(CURDIR)/$(BUILD)/test/bench' \
		test/bench/hss.sh $$n $(STORE) | sed "s/^/hss.$$n./" || exit 1; done

bench-overload: all                        ## 1.5 times the highest call rate: what is carried, as name=value
	$(Q)BIN='$(CURDIR)/$(BUILD)/bin' test/bench/overload.sh

PEER_DEPS := kamailio kamailio-ims-modules kamailio-extra-modules kamailio-presence-modules libgnutls28-dev
deps-peer:                                 ## install Kamailio, for test-peer and bench-peer
	$(if $(shell for p in $(PEER_DEPS); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done),\
		$(as_root) update && $(as_root) install -y --no-install-recommends $(PEER_DEPS) >/dev/null,@:)

test-peer: all                             ## Kamailio's P-, I- and S-CSCF on our HSS: registrations and calls
	$(Q)command -v kamailio >/dev/null || { echo "test-peer needs kamailio: make deps-peer" >&2; exit 2; }
	$(Q)BIN=$(abspath $(BUILD)/bin) pytest -q $(PYTEST) -p no:cacheprovider test/peer

bench-peer: all                            ## the same against Kamailio's IMS modules, in turn
	$(Q)BIN='$(CURDIR)/$(BUILD)/bin' test/bench/bench-peer.sh

# The same in containers. Where no engine runs, or none that has the base image, one of our own serves, cached in build/docker.
engine = $(shell docker info >/dev/null 2>&1 && { docker compose version || docker-compose version; } >/dev/null 2>&1 && echo yes)
compose-deps:                              ## what compose-demo needs; Docker too, where there is none
	$(call get,$(call missing,baresip-core python3 $(if $(engine),,docker.io docker-compose iptables iproute2 mmdebstrap dpkg-dev)))

compose-demo: compose-deps                 ## the core in containers; two phones outside register and call
	$(Q)test/containers/demo.sh build/docker $(BUILD_DEPS)

# Test tools: test/diameter/X.c is build/bin-test/X.
TOOLS := $(patsubst test/diameter/%.c,$(BUILD)/bin-test/%,$(wildcard test/diameter/*.c))
$(BUILD)/bin-test/%: test/diameter/%.c $(BUILD)/libminims.a
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libminims.a $(LDLIBS)

# The decoder by itself, under mutated messages of every command.
$(BUILD)/bin-test/decoder: $(BUILD)/test/fuzz/decoder.o $(BUILD)/test/fuzz/octets.o $(BUILD)/libminims.a
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
TOOLS += $(BUILD)/bin-test/decoder

tools: $(TOOLS)                            ## build the test tools

clean:                                     ## remove what was built
	rm -rf $(BUILD)

help:                                      ## this list
	@sed -n 's/^\([a-z -]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

-include $(shell find $(BUILD) -path $(BUILD)/docker -prune -o -name '*.d' -print 2>/dev/null)
.PHONY: all unit tools stories test asan test-asan valgrind fuzz decoder fuzz-decoder kills deps demo-deps build-deps install clean help up down status restart start kill demo bench bench-hss bench-overload bench-peer deps-peer test-peer
.DEFAULT_GOAL := all
