#!/bin/sh
# A product under a second name, its defects among the images, is not learned as another without a word.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 30 --test-good 4 --per-defect 4 --objects gear,capsule > /dev/null
gauss="--method gaussian --image-size 64 --threads 1"
check "learning gears" "$iuf" train data --steps gear $gauss --out run --quiet
"$iuf" synth more --quiet --size 64 --train 10 --test-good 1 --per-defect 4 --seed 5 --objects gear > /dev/null
mkdir batch7
for file in more/gear/train/good/*.png; do cp "$file" "batch7/1$(basename "$file")"; done
number=200
for file in more/gear/test/[a-fh-z]*/*.png; do
  number=$((number + 1))
  [ $number -le 206 ] && cp "$file" batch7/$number.png
done
cp run/model.safetensors model
cp model before
refused 1 "batch7.*look like 'gear', which the model knows already, and by it .* defects?, .*--variant" \
  "$iuf" add model batch7 --quiet
cmp model before && ok || not_ok "the refused batch changed the model"
check "insisting" "$iuf" add model batch7 --variant
grep -q "batch7: .* images look like 'gear'" err && ok || not_ok "a variant is not said: $(cat err)"
cp before model
check "adding another product" "$iuf" add model data/capsule/train/good --name capsule
grep -q 'look like' err && not_ok "different products are called alike: $(cat err)" || ok

# In training, beside it and in a later step.
mkdir -p two/batch7/train && cp -r data/gear two/gear && cp -r more/gear/train/good two/batch7/train/good
check "both in a step" "$iuf" train two $gauss --out r1
grep -q "images look like '" err && ok || not_ok "not said in one step: $(cat err)"
check "a step each" "$iuf" train two --steps 'gear; batch7' $gauss --out r2
grep -q "batch7: .* images look like 'gear'" err && ok || not_ok "not said in two steps: $(cat err)"
finish
