#!/bin/sh
# train, eval, compare and data say that test images are of two cameras, and what holds no pictures.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

for size in 64 96; do
  "$iuf" synth $size --quiet --size $size --train 8 --test-good 3 --per-defect 2 --objects biscuit > /dev/null
done
learn="--method gaussian --threads 1 --image-size 64"
says() {
  if [ "$(grep -Ec -e "$2" "$work/err")" = 1 ]; then ok; else not_ok "$1 does not say '$2' once: $(cat "$work/err")"; fi
}
check "one camera" "$iuf" train 64 --out one $learn
grep -q "cameras" err && not_ok "one camera: $(cat err)" || ok

rm -r 64/biscuit/test/[a-fh-z]* 64/biscuit/ground_truth
mkdir -p 64/Annotations 64/nut/good && echo x > 64/Annotations/0.xml && echo x > 64/train.csv
cp -r 96/biscuit/test/crack 64/biscuit/test && cp -r 96/biscuit/ground_truth 64/biscuit
cameras="^biscuit: .*normal and defective test images differ in size \(64 x 64 and 96 x 96\)"
beside="^left out beside the objects: .*Annotations.*may say which images are defective, not read \(train.csv, ...\)"
check "train" "$iuf" train 64 --out run $learn
says train "$cameras"
says train "$beside"
check "eval" "$iuf" eval run 64
says eval "$cameras"
says eval "$beside"
check "compare" "$iuf" compare 64 --out both --methods gaussian --steps biscuit --threads 1 --image-size 64
says compare "$cameras"
"$iuf" data 64 > out && grep -Eq "$cameras" out && grep -q "^left out beside the objects: .*nut" out && ok \
  || not_ok "iuf data: $(cat out)"
finish
