#!/bin/sh
# What `iuf info` shows could be read by people alone.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

# member FILE PATTERN: the JSON, on one line without spaces between its marks, matches.
member() {
  tr -d '\n' < "$1" | sed 's/  *\([]["{}0-9tfn-]\)/\1/g; s/: */:/g' > line
  grep -Eq -e "$2" line && ok || not_ok "$1 has no $2: $(head -c 1500 line)"
}
make_data data
check "training" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --image-size 64 --quiet
check "info of a model" "$iuf" info run --json
cp out model.json
for text in '^\{' '"kind":"model"' '"method":"gaussian"' '"profile":"fast"' '"backbone":"efficientnet_lite0"' \
  '"steps":2[,}]' '"name":"gear"' '"step":2[,}]' '"images":[1-9]' '"normal_scores":[1-9]' '"threshold":[0-9.]+[,}]' \
  '"false_alarms_asked":0.01[,}]' '"false_alarms_expected":\{' '"share":0\.[0-9]+' '"low":0' '"high":0\.[0-9]+' \
  '"extrapolated":true' '"image-size":64[,}]' '"dtype":"F32"' '"shape":\[' '"image_auroc":\[\[' '\}$'; do
  member model.json "$text"
done
"$iuf" info run > table
threshold=$(sed -n 's/.*"threshold": \([0-9]*\.[0-9]\{0,1\}\).*/\1/p' model.json | tail -1)
grep '^gear' table | grep -qF "$threshold" && ok || not_ok "the table has another threshold: $threshold, $(cat table)"

check "a single image" "$iuf" synth few --quiet --size 64 --train 1 --test-good 1 --per-defect 1 --objects gear
check "training on few" "$iuf" train few --out few_run --method gaussian --image-size 64 --quiet
check "info without scores" "$iuf" info few_run/model.safetensors --json
cp out few.json
for text in '"threshold":[0-9]' '"false_alarms_expected":null' '"normal_scores":0[,}]'; do member few.json "$text"; done

printf '\075\000\000\000\000\000\000\000{"a.bc":{"dtype":"I64","shape":[1,2],"data_offsets":[0,16]}} ' > w.safetensors
head -c 16 /dev/zero >> w.safetensors
check "info of weights" "$iuf" info w.safetensors --json
cp out weights.json
for text in '"kind":"weights"' '"dtype":"I64"' '"shape":\[1,2\]' '"bytes":16[,}]' '"metadata":'; do
  member weights.json "$text"
done
check "backbones" "$iuf" info --backbones --json
cp out backbones.json
member backbones.json '"name":"wide_resnet50_2"'
refused 2 "name a file, or ask for --backbones" "$iuf" info --json
check "the help" "$iuf" info --help
grep -q -- '--json' out && grep -q 'false_alarms_expected' out && ok || not_ok "the help of info: $(cat out)"
finish
