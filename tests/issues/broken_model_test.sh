#!/bin/sh
# A flipped bit anywhere in a model was used without a word: no command believes a damaged model, and what was there
# stays.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
check "predict" "$iuf" predict run data/gear/test --out found --quiet
cksum found/predictions.csv > before
size=$(wc -c < run/model.safetensors)
# flip AT: the same file with the lowest bit of one byte changed.
flip() {
  cp run/model.safetensors flipped.safetensors
  byte=$(od -A n -t u1 -j "$1" -N 1 flipped.safetensors)
  printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of=flipped.safetensors bs=1 seek="$1" conv=notrunc 2> /dev/null
}
for at in 1 20 45 200 $((size / 7)) $((size / 3)) $((size / 2)) $((size - 1000)) $((size - 1)); do
  flip "$at"
  refused 1 "flipped.safetensors: .*damaged.*copy the file again" "$iuf" predict flipped.safetensors data/gear/test \
    --out found --quiet
done
cksum found/predictions.csv | cmp - before && ok || not_ok "a refused call changed the predictions"
flip $((size / 2))
for command in "eval flipped.safetensors data" "add flipped.safetensors data/capsule/train/good --quiet" \
  "info flipped.safetensors"; do
  refused 1 "flipped.safetensors: .*damaged" "$iuf" $command
done
head -c $((size - 7)) run/model.safetensors > flipped.safetensors
refused 1 "flipped.safetensors: .*damaged" "$iuf" predict flipped.safetensors data/gear/test --out found --quiet

# So does the state of an unfinished step.
"$iuf" train data --steps "biscuit; gear" --out cut $tiny --epochs 100000 --checkpoint-seconds 0 2> /dev/null &
training=$!
for _ in $(seq 60); do
  [ -f cut/state.safetensors ] && break
  sleep 0.5
done
kill -9 $training
wait $training 2> /dev/null
cp cut/state.safetensors run/model.safetensors
size=$(wc -c < run/model.safetensors)
flip $((size / 2))
cp flipped.safetensors cut/state.safetensors
refused 1 "cut/state.safetensors: .*damaged" "$iuf" train data --steps "biscuit; gear" --out cut $tiny --epochs 100000 \
  --checkpoint-seconds 0

finish
