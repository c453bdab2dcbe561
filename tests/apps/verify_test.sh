#!/bin/sh
# verify: what a run was made of, and every file that changed since it was written. What is damaged is not used.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
train="$iuf train data --steps biscuit,capsule;gear $tiny"
check "training" $train --out run
check "a whole run" "$iuf" verify run
grep -q '^checked .* 0 without a checksum, 0 damaged' out && ok || not_ok "a whole run: $(cat out)"
grep -q '^model .*by iuf [0-9.]*, method iuf' out && grep -q '^object *gear: step 2, from' out && \
  grep -q '^images *biscuit: hash [0-9a-f]\{16\}$' out && ok || not_ok "what it was made from: $(cat out)"
# In whatever file a byte changes, one line names it.
(
  cd run || exit
  find . -maxdepth 2 -type f ! -name config.toml ! -name report.html ! -name '*.png' ! -name '*.jpg'
  find gallery -name '*.png' -o -name '*.jpg' | head -3
  find cache -type f | head -2
) > files
[ "$(wc -l < files)" -ge 12 ] && ok || not_ok "too few files: $(cat files)"
while read -r file; do
  rm -rf damaged
  cp -r run damaged
  # A digit behind the middle of a text, a bit of anything else.
  at=$(tail -c +$(($(wc -c < "run/$file") / 2)) "run/$file" | LC_ALL=C grep -abo '[0-8]' | head -1 | cut -d : -f 1)
  case $file in
    *.json | *.jsonl | *.csv) at=$((at + $(wc -c < "run/$file") / 2 - 1)) ;;
    *) at=$(($(wc -c < "run/$file") / 2)) ;;
  esac
  byte=$(od -A n -t u1 -j "$at" -N 1 "run/$file")
  printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of="damaged/$file" bs=1 seek="$at" conv=notrunc 2> /dev/null
  refused 1 "damaged/${file#./}.*" "$iuf" verify damaged
  grep -q ', 1 damaged$' out && ok || not_ok "$file: $(tail -1 out)"
done < files
# Nor is it used.
damage() {
  rm -rf damaged
  cp -r run damaged
  sed -i "$2" "damaged/$1"
  cmp -s "run/$1" "damaged/$1" && not_ok "$1 is not damaged"
}
damage metrics.json 's/"seed": 0/"seed": 1/'
refused 1 "damaged/metrics.json: its content is not what was written" "$iuf" report damaged
damage gallery/index.json 's/"label": 0/"label": 1/'
refused 1 "damaged/gallery/index.json: its content is not what was written" "$iuf" report damaged
damage scores.csv '2s/0\./1./; 2s/,[1-9]\./,0./'
refused 1 "damaged/scores.csv: is not the table that was written with the figures" "$iuf" report damaged
damage log.jsonl 's/"epoch":1/"epoch":2/'
refused 1 "damaged/log.jsonl: line 2: its content is not what was written" "$iuf" report damaged
damage run.json 's/"profile": "fast"/"profile": "fasT"/'
refused 1 "damaged/run.json: its content is not what was written" $train --out damaged
damage steps/00.json 's/"test_normal": 2/"test_normal": 3/'
rm damaged/metrics.json
refused 1 "damaged/steps/00.json: its content is not what was written" $train --out damaged
# What earlier versions wrote is read.
cp -r run older
sed -i '/"checksum": /d; s/"checksum":"[0-9a-f]*",//; /^ "scores": "/d' older/*.json older/steps/*.json \
  older/log.jsonl older/gallery/index.json
check "an older run" "$iuf" verify older
grep -q '^unsure *older/steps/00.json: readable' out && ok || not_ok "an older run: $(cat out)"
check "its report" "$iuf" report older
check "it goes on" $train --out older
cmp run/model.safetensors older/model.safetensors && ok || not_ok "an older run gives another model"

check "converted weights" "$iuf" convert "$golden/checkpoint_zip.pth" weights.safetensors --quiet
check "their checksum" "$iuf" verify weights.safetensors
grep -q ' 1 whole' out && ok || not_ok "converted weights carry no checksum: $(cat out)"
refused 1 "nothing: no such file or folder" "$iuf" verify nothing
mkdir empty
refused 1 "empty: holds nothing to check" "$iuf" verify empty
check "a comparison" "$iuf" compare data --steps "biscuit;gear" --methods gaussian,coreset --out all $tiny \
  --bank-size 50
check "a whole comparison" "$iuf" verify all
grep -q ' 0 without a checksum, 0 damaged' out && [ "$(grep -c '^run ' out)" = 2 ] && ok || not_ok "$(cat out)"
sed -i 's/"image_auroc": 0/"image_auroc": 1/; s/"test_normal": 2/"test_normal": 1/' all/coreset/steps/01.json
refused 1 "all/coreset/steps/01.json" "$iuf" verify all
finish
