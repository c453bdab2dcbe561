#!/bin/sh
# `iuf selfcheck` on the golden files: a line for every quantity, exit code 1 for any that fails; docs/parity.md is what
# it prints.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

check "the goldens" "$iuf" selfcheck "$golden" --quiet
tail -n 1 out | grep -Eq '^[0-9]+ ok, 0 failed$' && ok || not_ok "the last line does not count: $(tail -n 1 out)"

# Errors differ from CPU to CPU; quantities, tolerances and verdicts do not.
"$iuf" selfcheck "$golden" --markdown > table
columns() { grep '^|' "$1" | awk -F '|' '{ print $2 "|" $3 "|" $5 "|" $6 }' | tr -d ' '; }
columns "$golden/../../docs/parity.md" > documented
columns table > made
cmp -s documented made && ok || not_ok \
  "docs/parity.md is not what its command prints: $(diff documented made | head -n 5)"

"$iuf" selfcheck "$golden" --json > json && grep -q '"worst": "grad\.' json && ok \
  || not_ok "the JSON does not name the worst gradient"

mkdir broken
head -c 30000 "$golden/linalg.safetensors" > broken/a.safetensors
cp "$golden/metrics.safetensors" broken/b.safetensors
"$iuf" selfcheck broken > out 2> err
[ $? = 1 ] && ok || not_ok "a damaged golden file did not end with 1"
grep -Eq '^a.safetensors +the file .* FAIL$' out && grep -q '9 ok, 1 failed' out && ok \
  || not_ok "a damaged file has no line, or ended the others: $(cat out)"
grep -q 'broken/a.safetensors' err && ok || not_ok "the reason is not said: $(cat err)"
mkdir empty
refused 1 "empty: holds no .safetensors file" "$iuf" selfcheck empty
refused 1 "nowhere: No such file" "$iuf" selfcheck nowhere
finish
