#!/bin/sh
# The same photograph several times counts once, and what contradicts itself is refused.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth once --quiet --size 64 --train 20 --test-good 4 --per-defect 1 --objects biscuit > /dev/null
cp -r once several
for file in once/biscuit/train/good/*.png; do
  for copy in 1 2 3 4; do cp "$file" "several/biscuit/train/good/$(basename "$file" .png)_$copy.png"; done
done
gauss="--method gaussian --image-size 64 --threads 1"
check "training on each once" "$iuf" train once $gauss --out a --quiet
check "training on copies" "$iuf" train several $gauss --out b
grep -q 'biscuit: 80 of 100 photographs are copies of others and count once, first: .*000_1.png = .*000.png' err && ok \
  || not_ok "copies are not told: $(cat err)"
[ "$(grep -c 'copies of others' err)" = 1 ] && ok || not_ok "copies are told more than once: $(cat err)"
sed 's/several/once/' b/scores.csv | cmp - a/scores.csv && ok || not_ok "copies change scores or thresholds"
check "comparing on copies" "$iuf" compare several --steps biscuit --methods gaussian --image-size 64 \
  --threads 1 --out c
grep -q '80 of 100 photographs are copies' err && ok || not_ok "a comparison does not tell copies: $(cat err)"
sed 's/several/once/' c/gaussian/scores.csv | cmp - a/scores.csv && ok || not_ok "copies change a comparison"

# Added to a model.
"$iuf" synth more --quiet --size 64 --train 8 --test-good 1 --per-defect 1 --objects wood > /dev/null
cp -r more/wood/train/good folder
for file in more/wood/train/good/*.png; do cp "$file" "folder/copy_of_$(basename "$file")"; done
cp a/model.safetensors model1
cp a/model.safetensors model2
check "adding each once" "$iuf" add model1 more/wood/train/good --name wood
learned=$(grep '^learned' out)
check "adding copies" "$iuf" add model2 folder --name wood
grep -q 'wood: 8 of 16 photographs are copies' err && ok || not_ok "add does not tell copies: $(cat err)"
[ "$(grep '^learned' out)" = "$learned" ] && ok || not_ok "add counts copies: $(cat out), not $learned"

# One photograph ten times is one.
mkdir -p same/part/train/good same/part/test
for i in 0 1 2 3 4 5 6 7 8 9; do cp once/biscuit/train/good/000.png same/part/train/good/$i.png; done
check "one photograph ten times" "$iuf" train same $gauss --out d
grep -q "too few images" err && ok || not_ok "one photograph ten times does not warn of the threshold: $(cat err)"

# Test images that were learned from stay in the figures, which say so.
cp -r once leaked
cp once/biscuit/train/good/003.png leaked/biscuit/test/good/000.png
check "a test image that is a training image" "$iuf" train leaked $gauss --out e
grep -q 'biscuit: 1 of [0-9]* test images are also training images.*test/good/000.png = .*train/good/003.png' err \
  && ok \
  || not_ok "not told: $(cat err)"
grep -q 'also training images' e/metrics.json && ok || not_ok "metrics.json does not say it"

# The same photograph of two objects, or normal and defective.
cp -r once two
cp -r two/biscuit two/cracker
rm two/cracker/train/good/* two/cracker/test/*/*
cp more/wood/train/good/*.png two/cracker/train/good
cp more/wood/test/good/*.png two/cracker/test/good
check "two objects" "$iuf" train two $gauss --out f
cp two/biscuit/test/good/000.png two/cracker/train/good/other.png
same="biscuit/test/good/000.png and .*cracker/train/good/other.png are the same photograph"
refused 1 "$same, of 'biscuit' and of 'cracker'" "$iuf" train two $gauss --quiet --out g
kind=$(find once/biscuit/test -mindepth 1 -maxdepth 1 ! -name good | sort | head -1)
for normal in train test; do
  rm -rf mixed
  cp -r once mixed
  cp once/biscuit/$normal/good/001.png "mixed/biscuit/test/$(basename "$kind")/000.png"
  refused 1 "are the same photograph, .*a defect" "$iuf" train mixed $gauss --quiet --out h
  grep -q "$normal/good/001.png" err && grep -q "$(basename "$kind")/000.png" err && ok \
    || not_ok "normal and defective: not both are named: $(cat err)"
done
finish
