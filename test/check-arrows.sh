#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The include arrows of the house run one way: daemon -> common/sip, common/diameter -> common -> libraries; and every file
# begins with its licence. Prints what breaks a rule and ends 1.
cd "$(dirname "$0")/.." || exit 2
daemons='pcscf icscf scscf hss as ctl'
found=$(mktemp) && trap 'rm -f "$found"' EXIT

# rule WHAT PATTERN DIR...: no file under the directories includes what the pattern says
rule() {
	what=$1 pattern="^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($2)" && shift 2
	grep -rnE --include='*.[ch]' "$pattern" "$@" 2>/dev/null | sed "s|^|$what: |" >> "$found"
}

for d in $daemons; do
	others=$(echo "$daemons" | tr ' ' '\n' | grep -vx "$d" | paste -sd'|')
	rule 'a daemon knows no other' "($others)/" "$d"
done
rule 'common knows no daemon' "($(echo "$daemons" | tr ' ' '|'))/" common
rule 'Diameter knows no SIP' '(common/sip/|sofia-sip/)' common/diameter
rule 'SIP knows no Diameter' '(common/diameter/|freeDiameter/)' common/sip
rule 'freeDiameter stays in common/diameter' 'freeDiameter/' common/*.[ch] common/ims common/crypto $daemons
rule 'Sofia-SIP is for what handles a message' 'sofia-sip/' common/*.[ch] common/ims common/crypto hss ctl
rule 'the base knows no stack' 'common/(sip|cloud|ims)/' common/*.[ch]
rule 'profiles are pure data' '(common/(sip|diameter|http|daemon|loop)|uv.h|sofia-sip)' common/ims
grep -rnE --include='*.[ch]' '#[[:space:]]*include[[:space:]]*<(sqlite3|libpq-fe)\.h>' common $daemons 2>/dev/null |
	grep -vE '^hss/store/store_(sqlite|postgres)[a-z_]*\.[ch]:|^as/' | sed 's|^|SQL stays in the store: |' >> "$found"
git ls-files 2>/dev/null | grep -E '(\.(c|h|py|sh|ya?ml|sql)|/Dockerfile|^Makefile)$' | while read -r f; do
	[ -f "$f" ] && ! head -3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' && echo "no licence line: $f"
done >> "$found"

cat "$found"
[ ! -s "$found" ]
