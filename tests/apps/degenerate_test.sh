#!/bin/sh
# Data that statistics are not made for: one image, equal ones, black ones, fewer than a feature has channels, two
# objects that look alike. Scores are numbers, and what they cannot promise is said.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
"$iuf" synth again --quiet --size 64 --train 6 --test-good 1 --per-defect 1 --objects biscuit --seed 9 > /dev/null
good=data/biscuit/train/good
mkdir -p one/part equal/part black/part few/part alike/left alike/right
cp $good/000.png one/part/
for n in 0 1 2 3 4 5; do
  cp $good/000.png equal/part/$n.png
  # 64 x 64 pixels of 24 bits. A byte behind the pixels tells the files apart.
  { printf 'BM\066\060\0\0\0\0\0\0\066\0\0\0\050\0\0\0\100\0\0\0\100\0\0\0\001\0\030\0\0\0\0\0\0\060\0\0'
    printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
    head -c 12288 /dev/zero
    printf %s $n; } > black/part/$n.bmp
done
cp $good/00[0-2].png few/part/
cp $good/*.png alike/left/
cp again/biscuit/train/good/*.png alike/right/
cp data/biscuit/test/good/000.png normal.png
cp "$(find data/biscuit/test -name '*.png' ! -path '*/good/*' | sort | head -n 1)" defective.png
cp black/part/0.bmp black.bmp

# numbers: every judged row has a score that is a finite number.
numbers() { sed 1d found/predictions.csv | cut -d , -f 2 | grep -vqE '^-?[0-9.]+(e[-+][0-9]+)?$'; }
for method in iuf gaussian surroundings coreset padim; do
  for kind in one equal black few alike; do
    rm -rf run found
    what="$method on $kind"
    check "$what" "$iuf" train $kind --out run $tiny --method $method
    cp err said
    [ -e run/model.safetensors ] || continue
    check "$what: predict" "$iuf" predict run normal.png defective.png black.bmp --out found --quiet
    numbers && not_ok "$what: scores: $(cut -d , -f 1-5 found/predictions.csv)" || ok
    case $kind in
      alike) ;;
      *) grep -qE "too few images|cannot promise" said && ok || not_ok "$what does not warn: $(cat said)" ;;
    esac
    case $kind in
      equal | black)
        grep -q "5 of 6 photographs are copies" said && ok || not_ok "$what: copies are not told: $(cat said)" ;;
    esac
  done
done
finish
