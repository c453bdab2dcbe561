#!/bin/sh
# A test image or a mask that could not be used ended eval; figures were n/a without a reason, and data without normal
# test images had "0 of 0" false alarms.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data whole
model="--method gaussian --image-size 64 --quiet --threads 1 --cache cache"
check "training" "$iuf" train whole --steps "biscuit,capsule; gear" --out run $model
fresh() { rm -rf data && cp -r whole data; }
first() { find "data/$1" -name '*.png' | sort | head -n 1; }

# said CODE PATTERN COMMAND...: the command ends with this code, and its standard output has a line that matches.
said() {
  code=$1 pattern=$2
  shift 2
  "$@" > "$work/out" 2> "$work/err"
  got=$?
  if [ "$got" != "$code" ]; then not_ok "'$*' ended with $got instead of $code: $(cat "$work/err")"
  elif ! grep -Eq -e "$pattern" "$work/out"; then not_ok "'$*' does not say '$pattern': $(cat "$work/out")"
  else ok; fi
}

# Damaged images and masks: the others are measured, the file is named, the exit code is 1.
for object in biscuit gear; do
  for part in test/good ground_truth; do
    for how in cut empty text; do
      fresh
      file=$(first $object/$part)
      case $how in
        cut) head -c 60 "$file" > cut && cp cut "$file" ;;
        empty) : > "$file" ;;
        text) echo "no picture" > "$file" ;;
      esac
      "$iuf" eval run data --quiet --csv scores.csv > out 2> err
      [ $? = 1 ] && grep -q "$file" err && ok || not_ok "$how $file: $(cat err)"
      [ $how = cut ] || continue  # no picture by its first bytes: told before anything is measured
      grep -Eq "^$object +[0-9]+ of [0-9]+ .*[0-9]$" out && ok || not_ok "$how $file: no figures: $(cat out)"
      grep -Eq "^$object: 1 .*$file" out && ok || not_ok "$how $file: no remark: $(cat out)"
      [ $part = ground_truth ] && continue
      grep -q "$file.*,,error," scores.csv && ok || not_ok "$how $file: no error in scores.csv"
    done
  done
done

# Data that lacks something: the figures that there can be, and a reason for the others.
fresh
rm -r data/gear/ground_truth
said 0 "^gear: pixel AUROC, .*AUPRO n/a: no mask for any of [0-9]+ defective images; first: .*gear/" \
  "$iuf" eval run data --quiet
fresh
rm "$(first gear/ground_truth)"
said 0 "^gear: 1 defective image has no mask.*first: .*gear/test" "$iuf" eval run data --quiet
grep -Eq "^gear .* [0-9.]+$" out && ok || not_ok "one mask less leaves no pixel figures: $(cat out)"
fresh
rm -r data/gear/test/good
said 0 "^gear: .*false alarms n/a: no normal test image: put some into test/good" "$iuf" eval run data --objects gear \
  --quiet
grep -q "0 of 0" out && not_ok "0 of 0 as if all were well: $(cat out)" || ok
"$iuf" eval run data --objects gear --quiet --json > out
grep -q '"false_alarms": null' out && grep -q '"false_alarms": "no normal test image' out && ok \
  || not_ok "JSON has no reason: $(cat out)"
"$iuf" eval run whole --quiet --json > out
grep -q '"image_fm": "' out && not_ok "a reason for a figure that is there" || ok
check "one step" "$iuf" train whole --out one $model --json
grep -q '"image_fm": "nothing was learned before' out && ok || not_ok "no reason for FM: $(cat out)"

# The pixels that are counted are a choice of measuring alone.
for size in photograph published 32 512; do
  check "eval with $size" "$iuf" eval run whole --quiet --json --metrics-size $size
  cp out $size.json
  check "train with $size" "$iuf" train whole --steps "biscuit,capsule; gear" --out sized $model --json \
    --metrics-size $size
  grep '"aupro"' out > trained
  grep '"aupro"' $size.json | cmp - trained && ok || not_ok "eval and train differ for $size"
  cut -d, -f 1-9 sized/scores.csv > $size.csv
  cmp photograph.csv $size.csv && ok || not_ok "scores depend on the size $size"
  rm -r sized
done
cmp photograph.json published.json > /dev/null && not_ok "the size makes no difference" || ok
# What is not measured now has no figure of earlier, and is in no mean.
mkdir part
cp -r whole/gear part/gear
check "eval of one object" "$iuf" eval run part --quiet
grep -Eq "^biscuit  .*  n/a$" out && ok || not_ok "an object that was not measured has a figure: $(cat out)"
grep -q "^image ACC: the mean of 1 of 3 objects" out && ok || not_ok "the mean hides what it leaves out: $(cat out)"
refused 2 "object.*needs a name" "$iuf" predict run part --out named --object "" --quiet
refused 2 "'metrics-size': photograph, published or a number from 1 to 2048, not '0'" "$iuf" eval run whole \
  --metrics-size 0 --quiet
refused 2 "'metrics-size'.*not 'large'" "$iuf" train whole --out x --metrics-size large --quiet
refused 1 "leave --metrics-size out to record" "$iuf" eval run whole --metrics-size 100 --record --quiet
finish
