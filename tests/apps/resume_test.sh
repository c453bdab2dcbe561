#!/bin/sh
# SIGKILL at any point of train and add, then the same command again: the same model, bit for bit.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
"$iuf" synth more --quiet --size 64 --train 6 --test-good 2 --per-defect 1 --objects wood > /dev/null
train="$iuf train data --steps biscuit,capsule;gear $tiny --epochs 12 --increment-epochs 8 --checkpoint-seconds 0"
add="$iuf add --quiet --threads 1 --checkpoint-seconds 0"

# killed_when CONDITION COMMAND...: starts the command and kills it as soon as the condition, a shell command, holds.
# Counts whether it was still running.
kills=0
killed_when() {
  condition=$1
  shift
  "$@" > out 2> err &
  pid=$!
  while kill -0 $pid 2> /dev/null && ! eval "$condition"; do :; done
  kill -9 $pid 2> /dev/null
  wait $pid 2> /dev/null
  [ $? = 137 ] && kills=$((kills + 1))
}
same_model() {
  cmp "$2" "$3" && ok || not_ok "$1: another model than without interruption"
}

check "training without interruption" $train --out whole
log_of() { cat "$1/log.jsonl" 2> /dev/null | wc -l; }
for condition in '[ -e run/run.json ]' '[ -e run/cache ]' '[ -e run/state.safetensors ]' '[ "$(log_of run)" -gt 20 ]' \
  '[ -e run/model.safetensors ]' \
  '[ -e run/steps/00.json ]' '[ -e run/metrics.json ]' '[ -e run/metrics.json ] && [ -e run/state.safetensors ]' \
    '[ -e run/steps/01.json ]'; do
  rm -rf run
  killed_when "$condition" $train --out run
  check "training again after a kill at $condition" $train --out run
  same_model "killed at $condition" whole/model.safetensors run/model.safetensors
  [ -e run/state.safetensors ] && not_ok "the state of a finished run stays" || ok
done
# Killed over and over, at whatever it does.
rm -rf run
for count in 1 5 9 14 20 27; do
  killed_when "[ \"\$(log_of run)\" -gt $count ]" $train --out run
done
check "training again after several kills" $train --out run
same_model "killed over and over" whole/model.safetensors run/model.safetensors
cmp whole/scores.csv run/scores.csv && ok || not_ok "killed over and over: other scores"
cp run/model.safetensors before
check "training once more" $train --out run
same_model "a finished run" before run/model.safetensors

# Other images than those that were learned.
cp -r data changed
check "training on data that changes" "$iuf" train changed --steps "biscuit;gear" $tiny --out other
cp changed/biscuit/train/good/001.png changed/biscuit/train/good/000.png
refused 1 "other: holds another run \(other: images of biscuit\)" "$iuf" train changed --steps "biscuit;gear" $tiny \
  --out other
cp data/biscuit/train/good/000.png changed/biscuit/train/good/000.png
check "training once more on the same images" "$iuf" train changed --steps "biscuit;gear" $tiny --out other
cp -r other later
rm later/model.safetensors
refused 1 "later: holds another run \(other: epochs\)" "$iuf" train changed --steps "biscuit;gear" $tiny --epochs 4 \
  --out later
rm later/steps/*  # nothing is learned yet
cp changed/gear/train/good/001.png changed/gear/train/good/000.png
check "training on images that changed before they were learned" "$iuf" train changed --steps "biscuit;gear" $tiny \
  --out later
refused 1 "other: holds another run \(other: images of gear\)" "$iuf" train changed --steps "biscuit;gear" $tiny --out \
  other

cp whole/model.safetensors added
check "adding without interruption" $add added more/wood --cache cache
for condition in '[ -e model.adding ]' '[ -e cache2 ]' \
  '[ "$(ls -l --time-style=full-iso model.adding 2> /dev/null)" != "$first" ] && [ -e model.adding ]'; do
  rm -rf cache2 model model.adding
  cp whole/model.safetensors model
  first=""
  killed_when "$condition" $add model more/wood --cache cache2
  check "adding again after a kill at $condition" $add model more/wood --cache cache2
  same_model "add killed at $condition" added model
  [ -e model.adding ] && not_ok "the state of a finished add stays" || ok
done
check "adding once more" $add model more/wood --cache cache2
grep -q 'nothing to do' out && ok || not_ok "the same object is learned twice"
same_model "added twice" added model

check "adding to a copy, once more" $add model more/wood --cache cache2 --out new/copy
same_model "a copy of a model that knows the object" added new/copy
# Two at once: one learns, the other waits and is refused or learns after it; nothing that was learned is lost.
cp whole/model.safetensors both
$add both more/wood --cache cache2 > out1 2> err1 &
first=$!
$add both data/gear/train/good --name wheel --cache cache2 > out2 2> err2
second=$?
wait $first
first=$?
known=$("$iuf" info both | grep -c '^\(wood\|wheel\)  *[0-9]  *[0-9.]*  *[0-9]')
learned=$(cat out1 out2 | grep -c "^learned")
[ "$known" -ge "$learned" ] && [ "$learned" -ge 1 ] && ok \
  || not_ok "two adds at once ($first, $second): $learned learned, $known known: $(cat err1 err2)"
mkdir taken
check "training" $train --out taken
if command -v flock > /dev/null; then
  refused 1 "taken: another process is working on it" flock taken $train --out taken
fi

[ "$kills" -ge 6 ] && ok || not_ok "only $kills of the runs were killed before they ended"
[ -z "$(find . -name '*.tmp')" ] && ok || not_ok "temporary files of killed runs stay: $(find . -name '*.tmp')"
finish
