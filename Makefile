# SPDX-License-Identifier: Apache-2.0
# minims. `make help` lists the targets; V=1 shows the commands; BUILD=dir builds elsewhere.
BUILD   ?= build
VERSION := $(shell cat VERSION)
DAEMONS := pcscf icscf scscf hss
BINARIES := $(DAEMONS) imsctl

PKGS := sofia-sip-ua libcyaml yaml-0.1 libuv jansson libcurl libxml-2.0 libmicrohttpd libcrypto libssl libpcre2-8 sqlite3
CC      ?= gcc
WARN    := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Werror
CFLAGS  ?= -O2 -g
CPPFLAGS += -I. -D_GNU_SOURCE -DMINIMS_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS))
LDLIBS  := $(shell pkg-config --libs $(PKGS)) -llmdb -lfdproto -lfdcore -lpthread -lm
ALL_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(SANITIZE) -MMD -MP

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-5s %s\n'
endif

COMMON_SRC := $(wildcard common/*.c common/*/*.c)
COMMON_OBJ := $(COMMON_SRC:%.c=$(BUILD)/%.o)
obj_of = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))

all: $(BINARIES:%=$(BUILD)/bin/%)          ## build everything

$(BUILD)/%.o: %.c
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/libminims.a: $(COMMON_OBJ)
	$(say) AR $@
	$(Q)rm -f $@ && ar rcs $@ $^

define binary
$(BUILD)/bin/$(1): $(call obj_of,$(2)) $(BUILD)/libminims.a
	$$(say) LD $$@
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(LDFLAGS) -o $$@ $(call obj_of,$(2)) $(BUILD)/libminims.a $$(LDLIBS)
endef
$(foreach d,$(DAEMONS),$(eval $(call binary,$(d),$(d))))
$(eval $(call binary,imsctl,ctl))

# Unit tests: test/unit/test_X.c, each a cmocka program; a line `// with: hss/store.c` links a daemon's file too.
UNIT := $(patsubst test/unit/%.c,$(BUILD)/unit/%,$(wildcard test/unit/test_*.c))
.SECONDEXPANSION:
with = $(patsubst %.c,$(BUILD)/%.o,$(shell sed -n 's|^// with: ||p' $(1)))
$(BUILD)/unit/%: test/unit/%.c $$(call with,test/unit/$$*.c) $(BUILD)/libminims.a
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $< $(filter %.o,$^) $(BUILD)/libminims.a $(LDLIBS) -lcmocka

unit: $(UNIT)                              ## build and run the unit tests
	$(Q)set -e; for t in $(UNIT); do $$t; done

clean:                                     ## remove what was built
	rm -rf $(BUILD)

help:                                      ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all unit clean help
.DEFAULT_GOAL := all
