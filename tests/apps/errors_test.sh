#!/bin/sh
# Whatever is wrong with the inputs or the disk: one line that says what, where and what to do, exit code 1, and what
# was there before stays as it was.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
check "the run that must survive" "$iuf" train data --steps "biscuit,capsule; gear" --out run $tiny
sums() { find run -type f -not -path '*/cache/*' -exec cksum {} + | sort -k 3; }
sums > before

# Folders and files.
mkdir empty
refused 1 "nowhere: no such file or folder" "$iuf" train nowhere --out x $tiny
refused 1 "empty: the folder is empty; put images" "$iuf" train empty --out x $tiny
refused 1 "nowhere.*(no such|No such)" "$iuf" add run nowhere --quiet
refused 1 "empty: the folder is empty; put images" "$iuf" add run empty --quiet
refused 1 "nowhere.*No such file" "$iuf" eval nowhere data --quiet
refused 1 "empty: the folder is empty; put images" "$iuf" eval run empty --quiet
refused 1 "nowhere.*no such" "$iuf" predict run nowhere --out found --quiet
refused 1 "config.toml: .*not a safetensors file" "$iuf" eval run/config.toml data --quiet
refused 1 "empty: holds no metrics.json; give" "$iuf" report empty
refused 1 "data/biscuit/train/good/000.png" "$iuf" info data/biscuit/train/good/000.png

# Images.
cp -r data broken
echo "not an image" > broken/gear/train/good/002.png
refused 1 "gear/train/good/002.png: not a PNG, JPEG.* image; convert" "$iuf" train broken --out x $tiny
head -c 3000 "$golden/pattern.jpg" > broken/gear/train/good/002.png
refused 1 "gear/train/good/002.png: damaged.*Premature end.*replace" "$iuf" train broken --out x $tiny
cp data/gear/train/good/002.png broken/gear/train/good/002.png
mask=$(find broken/gear/ground_truth -name '*.png' | sort | head -n 1)
cp "$golden/pattern_gray.png" "$mask"
refused 1 "$mask: .*64 x 64.*make the mask" "$iuf" eval run broken --quiet
head -c 3000 "$golden/pattern.jpg" > cut.jpg
refused 1 "cut.jpg: damaged.*Premature end.*replace" "$iuf" predict run cut.jpg data/gear/test/good --out found --quiet
[ "$(grep -c ',ok,\|,defect,' found/predictions.csv)" = 2 ] && ok \
  || not_ok "the images beside the broken one were not done: $(cat found/predictions.csv)"
grep -q '"verdict":"error"' found/predictions.jsonl && ok || not_ok "the broken image has no row"

# Names and settings.
refused 1 "unknown object 'gaer' \(did you mean 'gear'\?\); known: biscuit, capsule, gear" "$iuf" train data --steps \
  "biscuit; gaer" --out x $tiny
refused 1 "unknown object 'gaer' \(did you mean 'gear'\?\); the model knows: biscuit, capsule, gear" "$iuf" eval run \
  data --objects gaer --quiet
refused 1 "needs 11.*3|3.*objects" "$iuf" train data --stream 10-1 --out x $tiny
refused 1 "already in the model" "$iuf" add run data/gear/test/good --name gear --quiet
refused 2 "heads.*must divide hidden" "$iuf" train data --out x --quiet --hidden 16 --heads 5
refused 1 "efficientnet_b0.*efficientnet-b0-355c32eb.pth" "$iuf" train data --out x --quiet --backbone efficientnet_b0
cp -r run damaged
echo "{}" > damaged/steps/00.json
refused 1 "damaged/steps/00.json: damaged JSON.*per_object|damaged/steps/00.json: damaged JSON.*seconds" "$iuf" train \
  data --steps "biscuit,capsule; gear" --out damaged $tiny
refused 1 "run: holds another run \(other: hidden\)" "$iuf" train data --steps "biscuit,capsule; gear" --out run $tiny \
  --hidden 32

# The disk.
touch file
refused 1 "file/x.*(Not a directory|not a folder)" "$iuf" train data --out file/x $tiny
refused 1 "file/x.*(Not a directory|not a folder)" "$iuf" predict run data/gear/test/good --out file/x --quiet
mkdir -p taken/heatmaps/test_good_000.png/x  # where a heatmap should go
refused 1 "taken/heatmaps/test_good_000.png" "$iuf" predict run data/gear --out taken --quiet --threads 2
[ ! -e taken/predictions.csv ] && ok || not_ok "predict reports on heatmaps that could not be written"
refused 1 "file/x.*(Not a directory|not a folder)" "$iuf" eval run data --csv file/x/scores.csv --quiet
refused 1 "file/x.*(Not a directory|not a folder)" "$iuf" synth file/x --quiet
refused 1 "data/biscuit|run.*not.*synth|holds" "$iuf" synth run --quiet
if [ -e /dev/full ]; then
  "$iuf" --help > /dev/full 2> err && not_ok "the help on a full disk ends with 0" || ok
  "$iuf" eval run data --quiet > /dev/full 2> err && not_ok "results on a full disk end with 0" || ok
fi
if [ "$(id -u)" != 0 ]; then
  cp -r run locked
  chmod -R a-w locked
  refused 1 "locked.*Permission denied.*permissions" "$iuf" add locked data/gear/test/good --name more --quiet
  chmod -R u+w locked
fi
# A disk that fills up: half of the model's size is free.
mkdir small
size=$(($(wc -c < run/model.safetensors) * 3 / 2048))
if mount -t tmpfs -o size=${size}k none small 2> /dev/null; then
  cp run/model.safetensors small/
  refused 1 "small/.*No space left on device.*free space" "$iuf" train data --steps "biscuit,capsule; gear" --out \
    small/run --cache cache $tiny
  refused 1 "small/.*No space left on device.*free space" "$iuf" add small/model.safetensors data/gear/test/good \
    --name more --variant --cache cache --quiet
  cmp run/model.safetensors small/model.safetensors && ok || not_ok "a full disk changed the model"
  [ -z "$(find small -name '*.tmp')" ] && ok || not_ok "a full disk leaves temporary files: $(ls -a small)"
  umount small
else
  echo "skipped: a full disk (no right to mount a small one)"
fi

sums > after
cmp before after && ok || not_ok "a failed command changed the earlier run"
finish
