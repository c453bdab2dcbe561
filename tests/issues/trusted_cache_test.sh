#!/bin/sh
# A damaged or exchanged entry of the feature cache was believed, and eval counted one photograph as normal and
# defective without a word.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
model="--method gaussian --image-size 64 --quiet --threads 1"
check "training" "$iuf" train data --steps "biscuit,capsule; gear" --out run $model --cache cache
cp -r cache whole
check "eval" "$iuf" eval run data --cache cache --csv expected.csv --quiet
# flip FILE OFFSET: changes a bit.
flip() {
  byte=$(od -A n -t u1 -j "$2" -N 1 "$1")
  printf "$(printf '\\%03o' $((byte ^ 2)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2> /dev/null
}
for place in 5 40 700 100000; do
  rm -rf cache
  cp -r whole cache
  for entry in cache/*/*.safetensors; do
    size=$(wc -c < "$entry")
    flip "$entry" $((place < size ? place : size - 3))
  done
  check "eval on a flipped bit at $place" "$iuf" eval run data --cache cache --csv got.csv --quiet
  cmp expected.csv got.csv && ok || not_ok "a flipped bit at $place of cache entries changes scores"
  check "training on flipped bits" "$iuf" train data --steps "biscuit,capsule; gear" --out again$place $model \
    --cache cache
  cmp run/model.safetensors again$place/model.safetensors && ok || not_ok "a flipped bit at $place changes a model"
done
rm -rf cache
cp -r whole cache
before=
for entry in cache/*/*.safetensors; do
  [ -n "$before" ] && mv "$entry" held && mv "$before" "$entry" && mv held "$before" && before= || before=$entry
done
check "eval on exchanged entries" "$iuf" eval run data --cache cache --csv got.csv --quiet
cmp expected.csv got.csv && ok || not_ok "exchanged cache entries change scores"

# One photograph as normal and as defective, and one to learn from and to test.
defect=$(find data/gear/test -name '*.png' ! -path '*/good/*' | sort | head -n 1)
cp "$defect" data/gear/test/good/zz.png
refused 1 "$(basename "$defect").*zz.png.*the same photograph" "$iuf" eval run data --quiet
cp data/gear/train/good/000.png data/gear/test/good/zz.png
check "eval of a training image" "$iuf" eval run data
grep -q "1 of .* test images are also training images.*zz.png" out && ok || not_ok "a leak is not told: $(cat out)"
finish
