#!/bin/sh
# The images of another product raised a threshold until no defect was found.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

gauss="--method gaussian --views coarse --image-size 64 --threads 1 --quiet"
"$iuf" synth data --quiet --size 64 --train 24 --test-good 2 --per-defect 1 --objects gear,capsule > /dev/null
check "a model" "$iuf" train data/gear $gauss --out run
cp run/model.safetensors before
mkdir lot
cp data/capsule/train/good/*.png lot
check "what it says of them" "$iuf" predict run lot --out judged --no-heatmaps
grep -q "'gear': 24 of 24 images are unlike all that it was learned from: another product" err && ok \
  || not_ok "advice: $(cat err)"
grep -q "takes their scores for the threshold" err && not_ok "it advises to calibrate" || ok
refused 1 "24 of 24 images are unlike all that 'gear' was learned from, first: .*'unknown' at every threshold" \
  "$iuf" calibrate run lot --object gear
cmp run/model.safetensors before && ok || not_ok "a refused call changed the model"

# A few among good ones do not count.
"$iuf" synth later --quiet --size 64 --train 20 --test-good 1 --per-defect 1 --seed 7 --objects gear > /dev/null
mkdir mixed
cp later/gear/train/good/*.png mixed
for n in 0 1 2; do cp data/capsule/train/good/00$n.png mixed/c$n.png; done
check "a mixed lot" "$iuf" calibrate run mixed --object gear
grep -q "3 of 23 images are unlike all that 'gear'.*c0.png.* do not count" err && ok || not_ok "mixed: $(cat err)"
grep -q "normal to learn from\|to test" err && not_ok "it speaks of learning: $(cat err)" || ok
grep -Eq '^gear .* 44 ' out && ok || not_ok "not 44 scores: $(cat out)"
grep -q "where defects may hide" err && not_ok "good parts are doubted: $(cat err)" || ok

# Defective parts that someone takes for good ones.
mkdir lot2
for kind in data/gear/test/*/; do
  [ "$(basename "$kind")" = good ] || cp "$kind/000.png" "lot2/$(basename "$kind").png"
done
check "a lot of defects" "$iuf" calibrate before lot2 --object gear --replace --normal
grep -q "gear: the threshold rises from .*are all of these images good parts" err && ok || \
  not_ok "not doubted: $(cat err out)"
finish
