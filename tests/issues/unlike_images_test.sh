#!/bin/sh
# A picture of something else among the normal images of a product does not set its threshold, and is named.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 16 --test-good 4 --per-defect 1 --objects gear,capsule > /dev/null
rm -rf other && mkdir other && mv data/capsule other/capsule
gauss="--method gaussian --image-size 64 --threads 1"
threshold() { sed -n 's/.*threshold \([0-9.]*\) from.*/\1/p' "$1"; }

check "training without one" "$iuf" train data $gauss --out base
grep -q 'unlike the others' err && not_ok "a normal image is named: $(cat err)" || ok
base=$("$iuf" info base/model.safetensors | awk '$1 == "gear" && $2 == 1 { print $3 }')
for at in 000 003 006 009 012 015; do
  rm -rf with
  cp -r data with
  cp other/capsule/train/good/001.png with/gear/train/good/$at.png
  check "training with one at $at" "$iuf" train with $gauss --out run_$at
  grep -q "gear: 1 of 16 normal images is unlike the others: .*$at.png (distance .* where the others reach" err && ok \
    || not_ok "train does not name $at.png: $(cat err)"
  grep -q 'unlike the others' run_$at/metrics.json && ok || not_ok "metrics.json does not keep it"
  "$iuf" info run_$at/model.safetensors > out
  awk "\$1 == \"gear\" && \$2 == 1 { exit !(\$3 < 2.5 * $base) }" out && ok \
    || not_ok "threshold, without $base: $(cat out)"
done
rm -rf with && cp -r data with
cp other/capsule/train/good/001.png with/gear/train/good/004.png
check "comparing" "$iuf" compare with --steps gear --methods gaussian --image-size 64 --threads 1 --out c
grep -q 'unlike the others: .*004.png' err out && ok || not_ok "compare does not name it: $(cat err)"

# Added to a model.
check "learning the other" "$iuf" train other $gauss --out first
cp first/model.safetensors model1
cp first/model.safetensors model2
check "adding gears" "$iuf" add model1 data/gear/train/good --name gear
clean=$(threshold out)
for at in 001 008 014; do
  rm -rf folder
  cp -r data/gear/train/good folder
  cp other/capsule/train/good/002.png folder/$at.png
  cp first/model.safetensors model2
  check "adding gears with another at $at" "$iuf" add model2 folder --name gear
  grep -q "unlike the others: .*$at.png" err && ok || not_ok "add does not name $at.png: $(cat err)"
  awk "BEGIN { exit !($(threshold out) < 2.5 * $clean) }" && ok || not_ok "threshold $(threshold out), without $clean"
done
finish
