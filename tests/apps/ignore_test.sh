#!/bin/sh
# Masks of what to ignore, from the command line: a folder for a run, a file for an object more, and masks that make no
# sense.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1
command -v python3 > /dev/null || { echo "ignore_test: skipped, python3 is not installed"; exit 77; }

# mask FILE WIDTH HEIGHT ROWS [FROM]: the rows from that one on are white, as many as said; a gray PNG.
mask() {
  python3 -c '
import struct, sys, zlib
name, w, h, n, at = sys.argv[1], *map(int, sys.argv[2:6])
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + (b"\xff" if at <= y < at + n else b"\0") * w for y in range(h))
open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 0, 0, 0, 0)) +
                       chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
' "$1" "$2" "$3" "$4" "${5:-0}"
}
make_data data
mkdir masks none
mask masks/gear.png 32 32 16 16
mask lower.png 64 64 32 32
mask wide.png 64 32 8
mask black.png 64 64 0
mask white.png 64 64 64
train() { "$iuf" train data --steps "biscuit;gear" --method gaussian --quiet --image-size 64 --grid 4 "$@"; }

check "a run with masks" train --out run --ignore masks
check "the same again" train --out run --ignore masks
cp run/metrics.json before_add.json
mkdir wrong
cp masks/gear.png wrong/gaer.png
refused 1 "holds another run \(other: gear|ignore\)" train --out run
check "a run without" train --out plain
check "add" "$iuf" add run data/capsule/train/good --name capsule --ignore lower.png --quiet
"$iuf" info run | grep -Eq '^gear .* 50 %$' && ok || not_ok "info: $("$iuf" info run)"
"$iuf" info run --json | grep -q '"ignored": 0.5' && ok || not_ok "info --json: $("$iuf" info run --json)"
check "the same again" "$iuf" add run data/capsule/train/good --name capsule --ignore lower.png --quiet
grep -q "nothing to do" out && ok || not_ok "added twice: $(cat out)"
mask upper.png 64 64 32
refused 1 "was learned from these images with another mask" "$iuf" add run data/capsule/train/good --name capsule \
  --ignore upper.png
# Other objects are judged as ever.
for of in run plain; do
  check "predict by $of" "$iuf" predict $of data/biscuit/test --object biscuit --out "by_$of" --quiet
done
cmp -s by_run/predictions.csv by_plain/predictions.csv && ok || not_ok "an object without a mask scores otherwise"
check "heatmaps" "$iuf" predict run data/gear/test --object gear --out gears --quiet --masks --maps npy
check "the same without a mask" "$iuf" predict plain data/gear/test --object gear --out bare --quiet --masks
cmp -s gears/predictions.csv bare/predictions.csv && not_ok "the mask changes nothing" || ok
# No region reaches into what is ignored, rows 32 to 63.
python3 -c '
import json
for line in open("gears/predictions.jsonl"):
    for region in json.loads(line).get("regions", []):
        assert region["y"] + region["height"] <= 32, region
' 2> err && ok || not_ok "a region: $(cat err)"
check "eval" "$iuf" eval run data --csv measured.csv --quiet
check "report" "$iuf" report run
# A comparison: every method ignores, and what it measures is what a run measures.
compare() {
  "$iuf" compare data --steps "biscuit;gear" --methods gaussian,coreset --quiet --image-size 64 --grid 4 \
    --out compared "$@"
}
check "a comparison" compare --ignore masks
for method in gaussian coreset; do
  "$iuf" info compared/$method | grep -Eq '^gear .* 50 %$' && ok \
    || not_ok "$method compared: $("$iuf" info compared/$method)"
done
figures() { grep -o '"image_auroc": [0-9.]*' "$1"; }
[ "$(figures compared/gaussian/metrics.json)" = "$(figures before_add.json)" ] && ok \
  || not_ok "figures: $(figures compared/gaussian/metrics.json) and $(figures before_add.json)"
check "the same comparison again" compare --ignore masks
refused 1 "holds another comparison \(other: ignore\)" compare
refused 1 "'gaer' is none.*gear" compare --ignore wrong
# A mask that does not fit is told before any method runs.
refused 1 "their sides have other ratios" compare --out misfit --ignore wide.png
[ ! -e misfit/gaussian ] && grep -c ratios err | grep -qx 1 && ok || not_ok "a misfit: $(ls misfit) $(cat err)"
"$iuf" synth more --quiet --size 64 --train 5 --test-good 1 --per-defect 1 --seed 5 --objects gear > /dev/null
refused 1 "was learned with another mask" "$iuf" update run more/gear/train/good --object gear --ignore upper.png
check "update" "$iuf" update run more/gear/train/good --object gear --ignore masks --quiet
check "remove" "$iuf" remove run --object biscuit
"$iuf" info run | grep -Eq '^gear .* 50 %$' && ok || not_ok "after remove: $("$iuf" info run)"
check "verify" "$iuf" verify run

# Masks that make no sense.
add() { "$iuf" add plain data/capsule/train/good --name capsule --quiet "$@"; }
cp plain/model.safetensors before
refused 1 "wide.png: a mask of 64 x 32 pixels for .* of 64 x 64: their sides have other ratios" add --ignore wide.png
refused 1 "black.png: .*black everywhere" add --ignore black.png
refused 1 "white.png: .*without a black pixel" add --ignore white.png
echo text > text.png
refused 1 "text.png" add --ignore text.png
refused 1 "nowhere: no such mask" add --ignore nowhere
refused 1 "none: holds no mask" train --out other --ignore none
refused 1 "holds no mask that is called 'capsule.png'" add --ignore masks
cp lower.png masks/gaer.png
refused 1 "'gaer' is none.*gear" train --out other --ignore masks
cp lower.png masks/gear.bmp
refused 1 "are both the mask" train --out other --ignore masks
refused 1 "their sides have other ratios" train --out other --ignore wide.png
cmp -s plain/model.safetensors before && ok || not_ok "a refused call changed the model"
finish
