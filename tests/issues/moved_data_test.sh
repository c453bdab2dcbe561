#!/bin/sh
# A run remembers the content of its images, not where they lie; test images are measured again when they change.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
gauss="--method gaussian --image-size 64 --quiet --threads 1"
check "training" "$iuf" train data --steps "biscuit;gear" $gauss --out run
cp run/log.jsonl learned
figures() { sed '/"seconds"\|"peak_memory\|"checksum"\|"scores"/d' "$1/metrics.json"; }
figures run > before
# goes_on WHAT DATA: the run goes on with the data there, learns nothing and keeps its figures.
goes_on() {
  check "$1" "$iuf" train "$2" --steps "biscuit;gear" $gauss --out run
  cmp learned run/log.jsonl && figures run | cmp - before && ok || not_ok "$1: learned again, or other figures"
  [ "$(grep -c "$2/" run/scores.csv)" = "$(($(wc -l < run/scores.csv) - 1))" ] && ok \
    || not_ok "$1: scores.csv has other paths: $(sed -n 2p run/scores.csv)"
}
mkdir elsewhere
cp -r data elsewhere/data
goes_on "a copy elsewhere" elsewhere/data
ln -s data link
goes_on "a link" link
goes_on "an absolute path" "$work/data"
mkdir copied
for file in $(cd data && find . -name '*.png' | sort -r); do  # in another order
  mkdir -p "copied/$(dirname "$file")"
  cp "data/$file" "copied/$file"
done
goes_on "a copy file by file" copied
mv elsewhere/data renamed
goes_on "a renamed folder" renamed
for object in biscuit gear; do
  for file in renamed/$object/train/good/*.png; do
    mv "$file" "renamed/$object/train/good/part_$(basename "$file")"
  done
done
check "renamed files" "$iuf" train renamed --steps "biscuit;gear" $gauss --out run
cmp learned run/log.jsonl && ok || not_ok "renamed files: learned again"

# One object, whose name is the folder's.
cp -r data/gear one
check "training one object" "$iuf" train one $gauss --out single
mv one two
check "its folder renamed" "$iuf" train two $gauss --out single
"$iuf" info single/model.safetensors | grep -q "^one " && ok || not_ok "a renamed object is learned again"
cp data/biscuit/train/good/000.png two/train/good/000.png
refused 1 "single: holds another run" "$iuf" train two $gauss --out single

# A comparison.
compare="--steps biscuit;gear --methods gaussian,coreset --image-size 64 --quiet --threads 1 --bank-size 50 --out table"
check "comparing" "$iuf" compare data $compare
cp table/comparison.md cells
check "comparing a copy" "$iuf" compare renamed $compare
cut -d'|' -f1-6 table/comparison.md > cells_now
cut -d'|' -f1-6 cells | cmp - cells_now && ok || not_ok "a comparison of a copy has other figures"

# Other test images: the last step is measured again, nothing is learned.
check "the first place again" "$iuf" train data --steps "biscuit;gear" $gauss --out run
for change in changed added removed mask; do
  cp -r data now
  case $change in
    changed) cp data/biscuit/test/good/000.png now/biscuit/test/good/001.png
             cp data/biscuit/test/good/001.png now/biscuit/test/good/000.png
             "$iuf" synth more --quiet --seed 5 --size 64 --train 1 --test-good 1 --per-defect 1 --objects biscuit > out
             cp more/biscuit/test/good/000.png now/biscuit/test/good/000.png ;;
    added) cp more/biscuit/test/good/000.png now/biscuit/test/good/900.png ;;
    removed) rm now/biscuit/test/good/000.png ;;
    mask) for file in now/biscuit/ground_truth/*/*.png; do cp more/biscuit/ground_truth/*/000_mask.png . 2> /dev/null
            cp "$(find more/biscuit/ground_truth -name '*.png' | tail -1)" "$file"; done ;;
  esac
  check "test images $change" "$iuf" train now --steps "biscuit;gear" $gauss --out run
  cmp learned run/log.jsonl && ok || not_ok "test images $change: learned again"
  check "test images $change, from the start" "$iuf" train now --steps "biscuit;gear" $gauss --out fresh
  cmp fresh/scores.csv run/scores.csv && ok || not_ok "test images $change: not measured again"
  grep -q "test images changed after step 1" run/metrics.json && ok \
    || not_ok "test images $change: metrics.json does not say that step 1 had others"
  check "test images $change: comparing" "$iuf" compare now $compare
  grep -q "now/biscuit" table/gaussian/scores.csv && ok || not_ok "test images $change: a comparison keeps old figures"
  rm -rf now fresh
done
check "the first images again" "$iuf" train data --steps "biscuit;gear" $gauss --out run
figures run | cmp - before && ok || not_ok "the first images again: other figures than at first"
finish
