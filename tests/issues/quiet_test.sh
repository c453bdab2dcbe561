#!/bin/sh
# --quiet hid what the program makes of the data, and metrics.json did not have it; products called "mask".
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1
gauss="--method gaussian --image-size 64 --threads 1 --quiet"
"$iuf" synth data --quiet --size 64 --train 6 --test-good 2 --per-defect 1 --objects gear,biscuit > /dev/null

# Frames of three parts.
cp -r data/gear gear
i=0
for file in gear/train/good/*.png; do
  mv "$file" "gear/train/good/part$((i / 2))_f$((i % 2)).png"
  i=$((i + 1))
done
check "training" "$iuf" train gear $gauss --out run
grep -q '^gear: 6 normal to learn from.*named in groups of 2' err && ok || not_ok "train --quiet: $(cat err)"
grep -q 'named in groups of 2' run/metrics.json && ok || not_ok "metrics.json: $(cat run/metrics.json)"
check "measuring" "$iuf" eval run gear --quiet --json
grep -q '^gear: 6 normal to learn from' err && ok || not_ok "eval --quiet: $(cat err)"
grep -q 'named in groups of 2' out && ok || not_ok "eval --json: $(cat out)"
check "adding" "$iuf" add run data/biscuit --quiet
grep -q '^biscuit: 6 normal to learn from' err && ok || not_ok "add --quiet: $(cat err)"
check "judging" "$iuf" predict run gear/train/good/part0_f0.png gear/train/good/part0_f0.png --out found --quiet
grep -q 'same file again' err && ok || not_ok "predict --quiet: $(cat err)"
check "comparing" "$iuf" compare gear --steps gear --methods gaussian --image-size 64 --threads 1 --out all --quiet
grep -q '^gear: 6 normal to learn from' err && ok || not_ok "compare --quiet: $(cat err)"
grep -q 'features of' err && not_ok "compare --quiet tells progress: $(cat err)" || ok

# Products by names that mean something else.
mkdir -p goods/mask goods/wheel
cp -r data/gear/train/good goods/mask/good
cp -r data/gear/test/*_*/ goods/mask/
cp -r data/biscuit/train/good goods/wheel/good
check "a product called mask" "$iuf" data goods/mask
grep -q '^mask: 6 normal' out && ok || not_ok "the product mask: $(cat out)"
refused 1 "wheel: an object by its sub-folders, but goods is one itself, by the name 'mask'" "$iuf" data goods
mkdir deep
cp -r data/gear deep/gear
mkdir deep/more
cp -r data/biscuit deep/more/biscuit
check "products further down" "$iuf" data deep
grep -q 'more ([0-9]* images, of products further down, such as biscuit' out && ok || not_ok "further down: $(cat out)"
finish
