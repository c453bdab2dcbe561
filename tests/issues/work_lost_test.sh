#!/bin/sh
# Everything that can be checked is checked before training; what is found later costs an image's figures, never the
# training: the same command goes on after the repair, and trains nothing again.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
"$iuf" synth large --quiet --size 96 --train 1 --test-good 1 --per-defect 1 --objects gear > /dev/null
gauss="--steps biscuit;gear --method gaussian --image-size 64 --quiet --threads 1"
defect=$(cd data/gear/test && find . -name '*.png' ! -path './good/*' | sort | head -1)
mask=data/gear/ground_truth/${defect%.png}_mask.png
other_mask=$(find large/gear/ground_truth -name '*.png' | head -1)
for file in "$mask" "$other_mask" "data/gear/test/$defect"; do [ -f "$file" ] || not_ok "no $file to damage"; done
check "training on whole data" "$iuf" train data $gauss --out whole

# damaged KIND FILE: damages the file.
damaged() {
  case $1 in
    truncated) head -c 60 "$2" > t && cp t "$2" ;;
    empty) : > "$2" ;;
    garbage) { head -c 60 "$2"; head -c 3000 whole/model.safetensors; } > t && cp t "$2" ;;
    other-size) cp "$other_mask" "$2" ;;
  esac
}
for fault in "truncated data/gear/test/good/000.png" "empty data/gear/test/$defect" \
  "garbage data/biscuit/test/good/001.png" \
  "other-size $mask" "truncated $mask" "truncated data/gear/train/good/002.png"; do
  file=${fault#* }
  cp "$file" kept
  damaged ${fault%% *} "$file"
  rm -rf run
  refused 1 "$(basename "$file")" "$iuf" train data $gauss --out run
  [ -e run/model.safetensors ] || [ -e run/steps/00.json ] && not_ok "$fault: something was trained first" || ok
  cp kept "$file"
  check "$fault: the same command after the repair" "$iuf" train data $gauss --out run
  cmp whole/scores.csv run/scores.csv && cmp whole/model.safetensors run/model.safetensors && ok \
    || not_ok "$fault: another result after the repair"
done

# A mask among the photographs of a later step.
cp "$mask" data/gear/train/good/zz.png
rm -rf run
refused 1 "zz.png.*move the masks out" "$iuf" train data $gauss --out run
[ -e run/model.safetensors ] && not_ok "a step was trained before the mask of the next was seen" || ok
rm data/gear/train/good/zz.png

# All of them at once, in one line, and before a comparison too.
cp -r data broken
for file in gear/test/good/000.png biscuit/test/good/000.png gear/train/good/001.png gear/train/good/002.png; do
  head -c 60 "data/$file" > "broken/$file"
done
refused 1 "4 problems: .*biscuit/test/good/000.png.*gear/train/good/001.png.* and 1 more" \
  "$iuf" train broken $gauss --out several
refused 1 "4 problems" "$iuf" compare broken --steps "biscuit;gear" --methods gaussian --image-size 64 --quiet \
  --threads 1 --out compared
[ -e compared/gaussian ] && not_ok "a run of a comparison began on damaged images" || ok
cp whole/model.safetensors model
cp -r data/gear/train/good parts
head -c 60 data/gear/train/good/003.png > parts/003.png
head -c 60 data/gear/train/good/004.png > parts/004.png
refused 1 "2 problems: .*003.png.*004.png" "$iuf" add model parts --name wheel --quiet
cmp whole/model.safetensors model && ok || not_ok "a model changed by a refused add"

# Between two steps, and while a step is learned.
slow="$iuf train data --steps biscuit;gear $tiny --epochs 4 --increment-epochs 400 --checkpoint-seconds 0"
check "a slow run" $slow --out slow
$slow --out cut > out 2> err &
pid=$!
while kill -0 $pid 2> /dev/null && ! [ -e cut/steps/00.json ]; do :; done
kill -9 $pid 2> /dev/null
wait $pid 2> /dev/null
cp data/gear/test/good/000.png kept
head -c 60 kept > data/gear/test/good/000.png
refused 1 "gear/test/good/000.png" $slow --out cut
cp kept data/gear/test/good/000.png
check "going on between the steps after the repair" $slow --out cut
cmp slow/model.safetensors cut/model.safetensors && ok || not_ok "broken between the steps: another model"

for file in "data/gear/test/good/000.png" "$mask" "data/biscuit/test/good/001.png"; do
  rm -rf late
  $slow --out late > out 2> err &
  pid=$!
  while kill -0 $pid 2> /dev/null && ! [ -e late/metrics.json ]; do :; done
  cp "$file" kept
  head -c 60 kept > "$file"
  wait $pid
  [ $? = 1 ] && ok || not_ok "$file broke while the run went on: no exit code 1: $(cat err)"
  grep -q "$(basename "$file")" err out && ok || not_ok "$file broke while the run went on: not named: $(cat err)"
  [ -e late/model.safetensors ] && [ ! -e late/state.safetensors ] && ok || not_ok "$file: the training is lost"
  cp late/log.jsonl learned
  cp kept "$file"
  check "$file: the same command after the repair" $slow --out late
  cmp learned late/log.jsonl && ok || not_ok "$file: trained again"
  cmp slow/scores.csv late/scores.csv && cmp slow/model.safetensors late/model.safetensors && ok \
    || not_ok "$file: other results after the repair"
done
finish
