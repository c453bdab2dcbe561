#!/bin/sh
# A threshold is changed without training again, says what it promises, and what was never learned is unknown.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 24 --test-good 3 --per-defect 1 --objects biscuit,gear,capsule > /dev/null
gauss="--method gaussian --views coarse --image-size 64 --threads 1"
check "learning" "$iuf" train data --steps "biscuit,gear" $gauss --out run
grep -q "'gear': 24 normal scores cannot promise 1 % false alarms; .*extrapolated; 75 more" err && ok \
  || not_ok "an extrapolation is not said: $(cat err)"
check "what to expect" "$iuf" info run
grep -Eq '^gear +1 +[0-9.]+ +24 +24 +1 % .*\(0\.0 to [0-9.]+ %\), extrapolated' out && ok || not_ok "info: $(cat out)"

threshold() { "$iuf" info "$1" | awk -v object="$2" '$1 == object { print $3; exit }'; }
cp run/model.safetensors model
gear=$(threshold model gear)
biscuit=$(threshold model biscuit)
check "more false alarms" "$iuf" calibrate model --object gear --false-alarms 20%
awk -v new="$(threshold model gear)" -v old="$gear" 'BEGIN { exit !(new < old) }' && ok \
  || not_ok "not lower: $(cat out)"
grep -Eq '^gear .* 24 +20\.0 % \(' out && ok || not_ok "the new expectation: $(cat out)"
[ "$(threshold model biscuit)" = "$biscuit" ] && ok || not_ok "another object was changed"
check "as many, spelled otherwise" "$iuf" calibrate run --out other --object gear --false-alarms 0.2
[ "$(threshold other gear)" = "$(threshold model gear)" ] && ok || not_ok "20% and 0.2 differ"
[ "$(threshold run gear)" = "$gear" ] && ok || not_ok "--out changed the model itself"
check "a threshold of one's own" "$iuf" calibrate model --object gear --threshold 0.5
[ "$(threshold model gear)" = 0.5000 ] && ok || not_ok "not 0.5: $(threshold model gear)"
check "back" "$iuf" calibrate model --object gear --back
check "and back" "$iuf" calibrate model --object gear --back
[ "$(threshold model gear)" = "$gear" ] && ok || not_ok "not as it was: $(threshold model gear), $gear"
refused 1 "'gear': its threshold was never changed" "$iuf" calibrate model --object gear --back
cp model before

# Normal images that came later; those it was learned from do not count.
"$iuf" synth later --quiet --size 64 --train 30 --test-good 1 --per-defect 1 --seed 7 --objects gear > /dev/null
check "later images" "$iuf" calibrate model later/gear/train/good --object gear --false-alarms 5% --cache c
grep -Eq '^gear .* 54 ' out && ok || not_ok "not 54 scores: $(cat out)"
check "these alone" "$iuf" calibrate model later/gear/train/good --object gear --replace --cache c
grep -Eq '^gear .* 30 ' out && ok || not_ok "not 30 scores: $(cat out)"
cp model with
refused 1 "the scores of all of these photographs are those of 'gear' already" \
  "$iuf" calibrate model data/gear/train/good --object gear \
  --cache c
refused 1 "of which object" "$iuf" calibrate model later/gear/train/good
refused 1 "nothing is asked for" "$iuf" calibrate model
refused 1 "ask for one of them" "$iuf" calibrate model --back --false-alarms 1%
refused 1 "unknown object 'gaer' .*gear" "$iuf" calibrate model --object gaer --false-alarms 1%
refused 1 "crack" "$iuf" calibrate model data/gear/test/crack --object gear --cache c
refused 2 "false-alarms" "$iuf" calibrate model --false-alarms 100%
cmp model with && ok || not_ok "a refused call changed the model"

cp with again
refused 1 "are those of 'gear' already" "$iuf" calibrate again later/gear/train/good --object gear --cache c

# In one call of predict, and kept: the same verdicts.
check "kept" "$iuf" calibrate before --false-alarms 30%
check "with it" "$iuf" predict before data/gear/test --out kept --no-heatmaps --quiet
check "for one call" "$iuf" predict run data/gear/test --out call --no-heatmaps --quiet --false-alarms 30%
cmp kept/predictions.csv call/predictions.csv && ok || not_ok "predict --false-alarms differs"
head -1 call/predictions.csv | grep -q ',scaled_score,regions,mask,map$' && ok \
  || not_ok "columns: $(head -1 call/predictions.csv)"
grep '"verdict":"defect"' call/predictions.jsonl | grep -v '"regions":\[{"area":' \
  && not_ok "a defect without a place" || ok

# A product that was never learned.
check "never learned" "$iuf" predict run data/capsule --out capsule --no-heatmaps --quiet
[ "$(sed 1d capsule/predictions.csv | cut -d , -f 4 | sort -u)" = unknown ] && ok \
  || not_ok "capsules among gears and biscuits: $(cut -d , -f 1-7 capsule/predictions.csv)"

finish
