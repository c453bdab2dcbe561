#!/bin/sh
# A training log that was cut is told: by a report where its last line has no end, by verify wherever it was cut.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "a run" "$iuf" train data --steps "biscuit;gear" --out run $tiny
cp run/log.jsonl whole
check "verify" "$iuf" verify run
head -c -20 whole > run/log.jsonl
refused 1 "run/log.jsonl: line 5: has no end" "$iuf" report run
"$iuf" verify run > out 2> err
[ $? = 1 ] && grep -q "log.jsonl: line 5: has no end" out err && ok || not_ok "verify of a cut line: $(cat out err)"
head -n 3 whole > run/log.jsonl
"$iuf" verify run > out 2> err
[ $? = 1 ] && grep -q "log.jsonl: has 3 entries of 5; the file was cut" out err && ok || not_ok "verify: $(cat out err)"
finish
