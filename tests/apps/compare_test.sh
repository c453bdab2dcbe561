#!/bin/sh
# compare: every method on the same steps in one table, the same one after any interruption; a run that fails does not
# keep the others from ending.
. "$(dirname "$0")/support.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$work" || exit 1

make_data data
small="$tiny --bank-size 50 --cad-size 32 --cad-blocks 1 --draem-size 32 --draem-width 2 --cache cache"
steps="biscuit,capsule;gear"
# The CSV without seconds, memory and bytes.
measured() { sed 's/,[^,]*,[^,]*,[^,]*$//' "$1/comparison.csv"; }

check "every method" "$iuf" compare data --steps $steps --out all --methods all $small --jobs 2
cp out table
for label in PaDiM PatchCore DRAEM UniAD 'UniAD + EWC' 'UniAD + SI' 'UniAD + MAS' 'UniAD + LVT' 'CAD + DNE' \
  'CAD + CutPaste' 'CAD + PANDA' IUF \
  'IUF without OASA' 'IUF without SCL' 'IUF without projected updates' 'IUF, raw score' 'IUF, whitened score' \
    'IUF as released' coreset gaussian; do
  grep -q "^$label  *[0-9]" table && ok || not_ok "the table lacks '$label': $(cat table)"
  grep -qF "| $label |" all/comparison.md && ok || not_ok "the Markdown lacks '$label'"
  grep -qF ">$label</th>" all/report.html && ok || not_ok "the report lacks '$label'"
done
grep -q '^CAD + DNE  *[0-9.]*  *n/a ' table && ok || not_ok "pixel figures of a method without maps: $(grep DNE table)"
grep -q 'joint training.* n/a' table && ok || not_ok "joint training forgets: $(grep joint table)"
grep -q "id='heatmaps'" all/report.html && ok || not_ok "the report lacks the heatmaps"
"$root/tests/report_browser.sh" all/report.html > browser 2>&1
case $? in
  0) ok ;;
  77) cat browser ;;
  *) not_ok "the report in a browser: $(cat browser)" ;;
esac
check "the same again" "$iuf" compare data --steps $steps --out all --methods all $small
cmp table out && ok || not_ok "a finished comparison changes when it is made again"
# A row is a run as `iuf train` makes it.
check "a row alone" "$iuf" train data --steps "$steps" --out alone --oasa false $small
cmp alone/model.safetensors all/iuf-no-oasa/model.safetensors && ok \
  || not_ok "a row is another model than that of iuf train"

# Settings are for all methods, but what a method is defined by stays its own.
check "a setting of some methods" "$iuf" compare data --steps $steps --methods iuf,finetune --out some $small --pull 0.2
grep -q '^pull = 0.2$' some/iuf/config.toml && grep -q '^pull = 0.0$' some/finetune/config.toml && ok \
  || not_ok "pull: $(grep '^pull' some/*/config.toml)"

# Seeds, and kills at any point.
chosen="--methods iuf,ewc,coreset --seeds 0,3"
compare="$iuf compare data --steps $steps $chosen $small"
check "two seeds" $compare --out whole --jobs 1
grep -q '^IUF .*±' out && ok || not_ok "two seeds have no spread: $(cat out)"
grep -q '^iuf,IUF,3,,' whole/comparison.csv && ok || not_ok "the CSV lacks a seed: $(cat whole/comparison.csv)"
kills=0
for condition in '[ -e killed/compare.json ]' '[ -e killed/iuf/run.json ]' '[ -e killed/iuf/steps/00.json ]' \
  '[ -e killed/comparison.json ]' \
  '[ -e killed/coreset/steps/00.json ]' '[ -e killed/ewc-seed3/model.safetensors ]'; do
  $compare --out killed --jobs 2 > out 2> err &
  pid=$!
  while kill -0 $pid 2> /dev/null && ! eval "$condition"; do :; done
  kill -9 $pid 2> /dev/null
  wait $pid 2> /dev/null
  [ $? = 137 ] && kills=$((kills + 1))
done
[ "$kills" -ge 4 ] && ok || not_ok "only $kills comparisons were killed before they ended"
check "after kills" $compare --out killed --jobs 2
measured whole > expected
measured killed | cmp - expected && ok || not_ok \
  "another table after kills: $(measured killed) instead of $(cat expected)"
sed 's/ [0-9]* s .*//' out > table
grep -q '^UniAD + EWC .*±' table && ok || not_ok "a row is missing after kills: $(cat out)"

# A run that fails, and what is refused.
mkdir -p failing/ewc
echo '{"format": 5}' > failing/ewc/run.json
touch failing/ewc/state.safetensors
"$iuf" compare data --steps $steps --methods gaussian,ewc,coreset --out failing $small > out 2> err
[ $? = 1 ] && ok || not_ok "a failed run does not give exit code 1"
grep -q '^UniAD + EWC (failed: .*holds another run' out && ok || not_ok "the table does not say what failed: $(cat out)"
grep -q '^coreset  *[0-9]' out && ok || not_ok "a failed run lost the others: $(cat out)"
grep -q 'failed: ' failing/report.html && ok || not_ok "the report does not say what failed"
rm -r failing/ewc
check "the failed run again" "$iuf" compare data --steps $steps --methods gaussian,ewc,coreset --out failing $small
# Settings that do not fit a method fail its row alone, before it is started; those that fit none fail all.
"$iuf" compare data --steps $steps --methods iuf,uniad --out misfit $small --seeds 0,1 --hidden 18 > out 2> err
[ $? = 1 ] && ok || not_ok "settings that do not fit a method do not give exit code 1"
grep -q "^IUF (failed: .*'hidden': a multiple of 4 with oasa" out && [ ! -e misfit/iuf ] && ok \
  || not_ok "the table does not say what does not fit: $(cat out)"
grep -q '^UniAD  *[0-9].*±' out && ok || not_ok "settings that do not fit IUF lost UniAD: $(cat out)"
refused 2 "--grid: from 1 to half the image size, not 0" "$iuf" compare data --steps $steps --methods iuf,uniad \
  --out x $small --grid 0
refused 1 "all: holds another comparison \(other: hidden\)" "$iuf" compare data --steps $steps --out all $small \
  --hidden 32
# What IUF starts from anyway is another setting for others.
refused 1 "all: holds another comparison \(other: blur, pooling\)" "$iuf" compare data --steps $steps --out all $small \
  --blur 0 --pooling max-pool16
mkdir -p unmade
touch unmade/coreset  # where a run's folder should go
"$iuf" compare data --steps $steps --methods gaussian,coreset --out unmade --jobs 2 $small > out 2> err
[ $? = 1 ] && grep -q '^coreset (failed: .*unmade/coreset' out && ok \
  || not_ok "a run that cannot start ends the comparison: $(cat out err)"
refused 2 "unknown method 'corset' \(did you mean 'coreset'\?\); there are: all, paper, padim" "$iuf" compare data \
  --steps $steps --methods corset --out x $small
refused 1 "stream '10-1x5' needs 15 objects, the data has 3" "$iuf" compare data --stream 10-1x5 --out x $small
refused 2 "say which objects come when" "$iuf" compare data --out x $small
refused 1 "a seed is given twice" "$iuf" compare data --steps $steps --seeds 1,1 --out x $small
finish
