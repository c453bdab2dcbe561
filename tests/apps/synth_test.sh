#!/bin/sh
# Generated data sets: the two scenes, their sizes and what is refused.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

check "plates" "$iuf" synth plates --quiet --scene plates --size 500x400 --train 2 --test-good 1 --per-defect 1
[ "$(find plates -name '*.png' | wc -l)" = 14 ] && ok || not_ok "plates: $(find plates -name '*.png' | wc -l) pictures"
check "plates again, in one thread" "$iuf" synth again --quiet --threads 1 --scene plates --size 500x400 --train 2 \
  --test-good 1 --per-defect 1
check "equal pictures" diff -r plates again
check "they are a data set" "$iuf" data plates
grep -q 'strip' out && ok || not_ok "iuf data says: $(cat out)"
check "square plates" "$iuf" synth plates --quiet --scene plates --size 400 --objects strip --train 1 --test-good 0 \
  --per-defect 0
[ "$(find plates -name '*.png')" = plates/strip/train/good/000.png ] && ok || not_ok "left: $(find plates)"
check "products" "$iuf" synth products --quiet --size 40x40 --objects gear --train 1 --test-good 0 --per-defect 0

refused 2 "64x48.*squares" "$iuf" synth new --quiet --size 64x48
refused 2 "'gear'.*another scene.*plate, strip" "$iuf" synth new --quiet --scene plates --objects gear
refused 2 "100x90.*384 to 8192" "$iuf" synth new --quiet --scene plates --size 100x90
refused 2 "scene.*boards" "$iuf" synth new --scene boards
for size in 100x 100x90x80 big 100X90; do refused 2 "size.*$size" "$iuf" synth new --scene plates --size $size; done
[ ! -e new ] && ok || not_ok "a refused call left a folder"

finish
