#!/bin/sh
# SIGTERM ended train and add wherever they were, and what they had learned since the last save was gone: they end the
# batch, save, and say how to go on; the same command ends with the bits of one that nobody stopped.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
"$iuf" synth more --quiet --size 64 --train 6 --test-good 1 --per-defect 1 --objects wood > /dev/null
# A shell without jobs lets what it starts ignore SIGINT.
env --default-signal=INT true 2> /dev/null || exit 77
# stopped SIGNAL CONDITION COMMAND...: once the condition holds.
stopped() {
  signal=$1 condition=$2
  shift 2
  env --default-signal=INT "$@" > out 2> err &
  pid=$!
  while kill -0 $pid 2> /dev/null && ! eval "$condition"; do :; done
  kill "-$signal" $pid 2> /dev/null
  wait $pid
  code=$?
  [ $code = 130 ] && ok || not_ok "stopped by $signal: exit code $code instead of 130: $(cat err)"
  grep -q '^iuf: stopping after the current batch' err && grep -q '^iuf: interrupted; .*same command goes on' err \
    && ok || not_ok "stopped by $signal, it said: $(cat err)"
}
log_of() { cat "$1/log.jsonl" 2> /dev/null | wc -l; }

# Checkpoints would come once a minute; a batch is two images.
train="$iuf train data --steps biscuit;gear $tiny --epochs 120 --increment-epochs 20 --batch 2"
check "training" $train --out whole
for signal in TERM INT; do
  rm -rf run
  stopped $signal '[ "$(log_of run)" -gt 4 ]' $train --out run
  [ -e run/state.safetensors ] || [ -e run/model.safetensors ] && ok || not_ok "nothing was saved"
  stopped $signal '[ "$(log_of run)" -gt 124 ]' $train --out run
  check "the same command" $train --out run
  cmp whole/model.safetensors run/model.safetensors && cmp whole/scores.csv run/scores.csv && ok \
    || not_ok "stopped by $signal: another model"
done
cp whole/model.safetensors added
add="$iuf add --quiet --threads 1 --cache cache"
check "adding" $add added more/wood
cp whole/model.safetensors model
rm -r cache
stopped TERM '[ -e cache ]' $add model more/wood
check "adding again" $add model more/wood
cmp added model && ok || not_ok "stopped, add makes another model"
# A second signal ends it at once; other commands end at the first.
mkfifo pipe.png
env --default-signal=INT "$iuf" add model pipe.png --quiet > out 2> err &
pid=$!
sleep 0.3
kill -TERM $pid 2> /dev/null
sleep 0.1
kill -TERM $pid 2> /dev/null
wait $pid
code=$?
[ $code = 130 ] || [ $code = 1 ] && ok || not_ok "two signals: exit code $code: $(cat err)"
finish
