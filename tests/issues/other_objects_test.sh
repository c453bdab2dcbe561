#!/bin/sh
# eval did not mention objects that the model does not know; add learned the photographs of one object as another.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
mkdir some
cp -r data/gear data/capsule some
check "measuring" "$iuf" eval run some
grep -q "not known to the model and not measured: capsule" err && ok || not_ok "unknown to the model: $(cat err)"
grep -q "not in the data and not measured: biscuit" err && ok || not_ok "not in the data: $(cat err)"
check "as JSON" "$iuf" eval run some --json --quiet
tr -d ' \n' < out | grep -q '"not_in_data":\["biscuit"\],"not_in_model":\["capsule"\]' && ok \
  || not_ok "JSON: $(cat out)"
mkdir Some
cp -r data/gear Some/Gear
refused 1 "none of the model's objects .*, but: Gear" "$iuf" eval run Some --quiet

model=run/model.safetensors
cp -r data/gear/train/good again
refused 1 "all 6 photographs of 'cog' are ones that the model learned 'gear' from, first: .*again/000.png" \
  "$iuf" add $model again --name cog --out m1 --quiet
rm again/00[0-3].png
refused 1 "all 2 photographs of 'cog' are ones that the model learned 'gear'" "$iuf" add $model again --name cog \
  --out m1 --quiet
for i in 0 1 2 3; do cp again/004.png again/copy$i.png; done
refused 1 "all 2 photographs of 'cog'" "$iuf" add $model again --name cog --out m1 --quiet
[ -e m1 ] && not_ok "a refused call wrote a model" || ok
cp data/capsule/train/good/*.png again
rm again/copy*
cp data/gear/train/good/003.png again/other.png
check "an overlap" "$iuf" add $model again --name capsule --out m2
grep -Eq "capsule: [0-9] of [0-9] photographs (is one|are ones) that the model learned 'gear' from, first: .*again/" \
  err && ok || not_ok "an overlap: $(cat err)"
check "others" "$iuf" add $model data/capsule/train/good --name capsule --out m3
grep -q "learned 'gear' from" err && not_ok "no overlap: $(cat err)" || ok
finish
