#!/bin/sh
# A model that was restored from another run's backup was taken for the run's own; a threshold that was changed since
# was not told beside figures of the old one.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

gauss="--method gaussian --views coarse --image-size 64 --threads 1 --quiet"
"$iuf" synth data --quiet --size 64 --train 10 --test-good 2 --per-defect 1 --objects biscuit,gear > /dev/null
"$iuf" synth other --quiet --size 64 --train 10 --test-good 2 --per-defect 1 --seed 5 --objects gear > /dev/null
check "a run" "$iuf" train data/gear $gauss --out run
check "of another object" "$iuf" train data/biscuit $gauss --out biscuit
check "of other images" "$iuf" train other/gear $gauss --out other_images
cp run/model.safetensors own
check "its own report" "$iuf" report run
[ -s err ] && not_ok "something is said: $(cat err)" || ok

cp biscuit/model.safetensors run/model.safetensors
refused 1 "object 1 is 'biscuit', the run's is 'gear'.*restored" "$iuf" train data/gear $gauss --out run
check "a report of it" "$iuf" report run
grep -q "does not know 'gear'" err && grep -q "does not know &#39;gear&#39;\|does not know 'gear'" run/report.html \
  && ok || not_ok "another object is not told: $(cat err)"
cp other_images/model.safetensors run/model.safetensors
refused 1 "learned 'gear' from other photographs.*restored" "$iuf" train data/gear $gauss --out run
check "a report of this" "$iuf" report run
grep -q "'gear' from other photographs" err && ok || not_ok "other photographs are not told: $(cat err)"

cp own run/model.safetensors
check "the right one" "$iuf" train data/gear $gauss --out run
check "another threshold" "$iuf" calibrate run --threshold 500
check "the run goes on" "$iuf" train data/gear $gauss --out run
check "a report" "$iuf" report run
grep -q "threshold of 'gear' is 500.* by now" err && grep -q "is 500.* by now" run/report.html && ok \
  || not_ok "the new threshold is not told: $(cat err)"
echo damaged > run/model.safetensors
check "a report without a model" "$iuf" report run
grep -q "model.safetensors" err && ok || not_ok "a damaged model is not told: $(cat err)"
finish
