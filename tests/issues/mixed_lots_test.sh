#!/bin/sh
# Lots that are not what they are called: an update that learned the rejects of an unsorted day without a word, and test
# images that had set the threshold and were counted all the same.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

gauss="--method gaussian --views coarse --image-size 96 --threads 1 --quiet"
"$iuf" synth data --quiet --size 96 --train 30 --test-good 12 --per-defect 6 --objects gear > /dev/null
"$iuf" synth later --quiet --size 96 --train 24 --test-good 1 --per-defect 1 --seed 7 --objects gear > /dev/null
check "a model" "$iuf" train data/gear $gauss --out run
check "a good lot" "$iuf" update run/model.safetensors later/gear/train/good --object gear --out good.safetensors
grep -q "by the present threshold\|where defects may hide\|clearly lower" err \
  && not_ok "a good lot is doubted: $(cat err)" || ok

cp -r later/gear/train/good day
n=0
for file in data/gear/test/missing_tooth/00[0-4].png data/gear/test/rust/00[0-2].png; do
  n=$((n + 1))
  cp "$file" day/9$n.png
done
check "an unsorted day" "$iuf" update run/model.safetensors day --object gear --out day.safetensors
said="gear: [6-9] of 32 images are defects by the present threshold, the highest score: day/9[1-8].png; learned"
grep -Eq "$said as normal, no such defect is found again" err \
  && ok || not_ok "not said of the lot: $(cat err)"
said="gear: the threshold rises from .*are all of these images good parts of 'gear'? .iuf rollback. undoes it"
grep -q "$said" err && ok \
  || not_ok "the rise is not said: $(cat err)"

# The normal test images set the threshold, and are measured then.
check "a lot of test images" "$iuf" calibrate run/model.safetensors data/gear/test/good --object gear --normal \
  --out tested.safetensors
check "measured" "$iuf" eval tested.safetensors data/gear
grep -q "gear: 12 of 12 normal test images are photographs whose scores set the threshold" err && ok \
  || not_ok "$(cat err)"
check "measured by the first model" "$iuf" eval run/model.safetensors data/gear
grep -q "set the threshold" err && not_ok "said without a reason: $(cat err)" || ok
finish
