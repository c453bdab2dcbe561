#!/bin/sh
# The report of a run said "learned 1 object" after a second one had been added.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1
make_data data
"$iuf" synth more --quiet --size 64 --train 6 --test-good 2 --per-defect 1 --seed 3 --objects biscuit > /dev/null
check "learning" "$iuf" train data --steps biscuit --method gaussian --image-size 64 --out run --quiet
holds() { grep -q -e "$2" run/report.html && ok || not_ok "$1: the report does not hold '$2'"; }
lacks() { grep -q -e "$2" run/report.html && not_ok "$1: the report holds '$2'" || ok; }
lacks "a run" "Since the run"
check "add" "$iuf" add run data/gear/train/good --name 'gear <40>' --quiet
check "report" "$iuf" report run
holds "after add" "Since then its model was changed 1 time: it knows 2 objects now"
holds "after add" "learned gear &lt;40&gt; from 6 images"
holds "after add" "Not measured since"
lacks "after add" "gear <40>"
check "update" "$iuf" update run more/biscuit/train/good --object biscuit --quiet
check "rename" "$iuf" rename run 'gear <40>' gear
check "measured" "$iuf" eval run data --record --quiet
check "report" "$iuf" report run
holds "after update" "changed 4 times"
holds "after update" "learned 6 more images of biscuit"
lacks "after eval --record" "Not measured since"
printf x | dd of=run/model.safetensors bs=1 seek=4000 conv=notrunc 2> /dev/null
check "report of a run whose model is damaged" "$iuf" report run
finish
