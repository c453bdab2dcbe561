#!/bin/sh
# After an update `calibrate --back` brought back a threshold of the scores before, under which every part was a defect;
# its table named another threshold than that which had been in force; and images that were all defects were learned as
# normal without a word.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 24 --test-good 2 --per-defect 2 --objects gear > /dev/null
"$iuf" synth more --quiet --size 64 --train 12 --test-good 1 --per-defect 1 --seed 5 --objects gear > /dev/null
check "learning" "$iuf" train data --method gaussian --views coarse --image-size 64 --out run --quiet
threshold() { "$iuf" info run --json | sed -n 's/.*"threshold": \([0-9.]*\).*/\1/p' | cut -c 1-6; }
# says BEFORE AFTER: the table of the last call has these thresholds.
says() {
  [ "$(awk '$1 == "gear" { print substr($2, 1, 4), substr($3, 1, 4) }' out)" = \
    "$(echo "$1" | cut -c 1-4) $(echo "$2" | cut -c 1-4)" ] && ok || not_ok "not '$1' and '$2': $(cat out)"
}
learned=$(threshold)
check "another share" "$iuf" calibrate run --object gear --false-alarms 20%
wide=$(threshold)
says "$learned" "$wide"
check "another threshold" "$iuf" calibrate run --object gear --threshold 99
check "back" "$iuf" calibrate run --object gear --back
says 99.0 "$wide"

check "update" "$iuf" update run more/gear/train/good --object gear --normal --quiet
updated=$(threshold)
refused 1 "'gear' was updated since \(version 5\), and earlier thresholds are of other scores: .iuf rollback --to 4" \
  "$iuf" calibrate run --object gear --back
check "renamed" "$iuf" rename run gear wheel
refused 1 "'wheel' was updated since \(version 5\)" "$iuf" calibrate run --object wheel --back
check "renamed back" "$iuf" rename run wheel gear
refused 1 "no object of .* has a threshold" "$iuf" calibrate run --back
[ "$(threshold)" = "$updated" ] && ok || not_ok "another threshold: $(threshold), not $updated"
# What came after the update is undone, no more.
check "a share after the update" "$iuf" calibrate run --object gear --false-alarms 30%
check "back to the update" "$iuf" calibrate run --object gear --back
[ "$(threshold)" = "$updated" ] && ok || not_ok "not that of the update: $(threshold), not $updated"
refused 1 "never changed since it was learned or updated" "$iuf" calibrate run --object gear --back

# Images that are defects by the present threshold are learned when somebody insists.
mkdir lot
for kind in data/gear/test/*/; do
  [ "$(basename "$kind")" = good ] || cp "$kind/000.png" "lot/$(basename "$kind").png"
done
cp run/model.safetensors before
rm -rf named
mkdir named
n=0
for file in lot/*; do
  n=$((n + 1))
  cp "$file" named/$n.png
done
check "a strict threshold" "$iuf" calibrate run --object gear --threshold 0.001
refused 1 "$n of $n images are defects by the present threshold, the highest score: .* under another lamp .*--normal" \
  "$iuf" update run named --object gear
check "insisting" "$iuf" update run named --object gear --normal
grep -q "$n of $n images are defects .*; learned as normal" err && ok || not_ok "not said: $(cat err)"
grep -q "learned $n more images" out && ok || not_ok "$(cat out err)"
finish
