#!/bin/sh
# What eval, train and predict say of photographs that they have seen before.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1
says() { [ "$(grep -Ec -e "$2" "$work/err")" = 1 ] && ok || not_ok "$1 does not say '$2' once: $(cat "$work/err")"; }
silent() { grep -Eq -e "$2" "$work/err" && not_ok "$1 says '$2': $(cat "$work/err")" || ok; }

"$iuf" synth data --quiet --size 64 --train 8 --test-good 3 --per-defect 1 --objects biscuit > /dev/null
learn="--method gaussian --threads 1 --image-size 64"
other="other masks than the same photograph"
check "train" "$iuf" train data --out run $learn
silent "train on ordinary data" "$other|was given"
check "eval" "$iuf" eval run data
silent "eval on ordinary data" "$other|was given"

# The images that were learned, as a test set that has no training images, called otherwise.
mkdir -p again/biscuit/test
cp -r data/biscuit/ground_truth again/biscuit
cp -r data/biscuit/test/[a-fh-z]* again/biscuit/test
mkdir again/biscuit/test/good
for file in data/biscuit/train/good/*; do cp "$file" "again/biscuit/test/good/x$(basename "$file")"; done
check "eval of what was learned" "$iuf" eval run again
says "eval of all" "8 of 8 normal test images are photographs that the model was given to learn from.*good/x000.png"
cp data/biscuit/test/good/000.png again/biscuit/test/good/new.png
check "eval of what was learned and one more" "$iuf" eval run again
says "eval of some" "8 of 9 normal test images are photographs that the model was given to learn from"
kind=$(ls -d data/biscuit/test/[a-fh-z]* | head -1 | xargs basename)
mkdir -p called/biscuit/test/good called/biscuit/test/dull
cp data/biscuit/test/good/* called/biscuit/test/good
cp data/biscuit/train/good/001.png called/biscuit/test/dull
check "eval of what was learned as a defect" "$iuf" eval run called
says "eval of a defect" "1 of 1 defective test images are photographs that the model was given to learn from as normal"

# One photograph in two kinds, or twice in one, with different masks or with the same.
for place in "$kind/zz" dull/000; do
  for masks in differ equal; do
    rm -rf two run2 && cp -r data two
    mkdir -p two/biscuit/test/dull two/biscuit/ground_truth/dull
    cp "data/biscuit/test/$kind/000.png" "two/biscuit/test/$place.png"
    from=$kind
    [ $masks = differ ] && from=$(ls -d data/biscuit/ground_truth/* | tail -1 | xargs basename)
    cp "data/biscuit/ground_truth/$from/000_mask.png" "two/biscuit/ground_truth/${place}_mask.png"
    check "train $place $masks" "$iuf" train two --out run2 $learn
    says "train $place" "copies of other test images"
    if [ $masks = differ ]; then says "train $place" "1 of these copies has $other"
    else silent "train $place" "$other"; fi
    check "eval $place $masks" "$iuf" eval run two
    if [ $masks = differ ]; then says "eval $place" "1 of these copies has $other"
    else silent "eval $place" "$other"; fi
  done
done

# One file by several paths.
mkdir few && cp data/biscuit/test/good/00[012].png few && ln -s few link
again="same files? again"
check "three files" "$iuf" predict run few --out p
silent "three files" "$again"
for path in few/000.png ./few/000.png "$work/few/000.png" link/000.png few/../few/000.png; do
  rm -rf p
  check "$path again" "$iuf" predict run few "$path" --out p
  says "$path again" "1 of 4 images is the $again.*first: .* = few/000.png"
  silent "$path again" "cop(y|ies)"
  [ "$(wc -l < p/predictions.csv)" = 5 ] && ok || not_ok "not a row for each input: $(cat p/predictions.csv)"
done
rm -rf p
check "a linked folder" "$iuf" predict run few link --out p
says "a linked folder" "3 of 6 images are the $again"
cp few/000.png few/copy.png
rm -rf p
check "a copy" "$iuf" predict run few --out p
silent "a copy" "$again"
rm -rf p
check "a copy, and its files again" "$iuf" predict run few link ./few/copy.png --out p
says "files again" "5 of 9 images are the $again"
says "a copy among them" "1 of 4 images is a copy of another"
finish
