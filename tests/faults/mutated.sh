#!/bin/bash
# Mutated copies of a model, of images, of the files of a run and of its cache: whatever reads them ends within ten
# seconds of computing, with exit code 0 or one line, and never with another verdict than the undamaged file gives.
#
#   mutated.sh PROGRAM FUZZ-DRIVER [COPIES]
#
# The last lines are rows of the table in docs/reliability.md: file, reader -> copies -> lost.
iuf=$(realpath "$1") fuzz=$(realpath "$2") copies=${3:-200}
root=$(cd "$(dirname "$0")/.." && pwd)
[ -w /dev/shm ] && TMPDIR=/dev/shm
work=$(TMPDIR=${TMPDIR:-/tmp} mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export OMP_NUM_THREADS=1
passed=0 failed=0

"$iuf" synth data --quiet --size 64 --train 4 --test-good 2 --per-defect 1 --objects biscuit,gear > /dev/null || exit 1
train="$iuf train data --steps biscuit;gear --quiet --threads 1 --image-size 64 --grid 4 --hidden 16 --heads 2
  --encoder-layers 1 --decoder-layers 1 --feed-forward 16 --epochs 3 --increment-epochs 2 --batch 3 --views coarse"
$train --out run > out 2> err || { cat err; exit 1; }
"$iuf" predict run data/gear/test --out whole --quiet --no-heatmaps > out 2> err || { cat err; exit 1; }
# limited COMMAND...: ten seconds of computing, whatever else runs here.
limited() { (ulimit -t 10 && exec timeout 300 "$@"); }
verdicts() { cut -d , -f 1,2,4,5 "$1/predictions.csv"; }
verdicts whole > expected

# ended WHAT CODE: what every reader owes.
ended() {
  case $2 in
    0 | 2) ok=1 ;;
    1) [ "$(grep -c '^iuf: error: ' err)" = 1 ] && ok=1 || ok="" ;;
    *) ok="" ;;
  esac
  [ -n "$ok" ] || echo "FAIL: $1 ended with $2: $(tail -2 err | cut -c -300 | tr '\n' ' ')"
}
count() { if [ -n "$ok" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); lost=$((lost + 1)); fi; }
mutated() {
  rm -rf mutants
  mkdir mutants
  "$fuzz" --mutate "$copies" "$1" mutants
}
row() { echo "| $1, $2 | $copies | $lost |"; }

mutated run/model.safetensors
lost=0
for file in mutants/*; do
  rm -rf found
  limited "$iuf" predict "$file" data/gear/test --out found --quiet --no-heatmaps > out 2> err
  code=$?
  ended "predict with a mutated model $file" $code
  [ $code != 0 ] || verdicts found | cmp -s - expected || { ok=""; echo "FAIL: another verdict with $file"; }
  count
done
row model predict

for picture in rgb8.png rgb_420.jpg gray16_interlaced.png; do
  mutated "$root/iuf/data/files/$picture"
  lost=0
  for file in mutants/*; do
    rm -rf found
    limited "$iuf" predict run "$file" --out found --quiet > out 2> err
    ended "predict of a mutated $file" $?
    count
  done
  row "$picture" predict
done

for part in run.json steps/00.json steps/01.json; do
  mutated run/$part
  lost=0
  for file in mutants/*; do
    rm -rf again
    cp -r run again
    cp "$file" again/$part
    limited $train --out again > out 2> err
    code=$?
    ended "train with a mutated $part" $code
    [ $code != 0 ] || cmp -s run/scores.csv again/scores.csv || { ok=""; echo "FAIL: other scores with $file"; }
    count
  done
  row $part train
done
for part in metrics.json scores.csv log.jsonl gallery/index.json; do
  mutated run/$part
  lost=0
  for file in mutants/*; do
    rm -rf again
    cp -r run again
    cp "$file" again/$part
    limited "$iuf" report again > out 2> err
    ended "report with a mutated $part" $?
    count
  done
  row $part report
done

entry=$(find run/cache -name '*.safetensors' | sort | head -1)
mutated "$entry"
lost=0
for file in mutants/*; do
  rm -rf again
  cp -r run again
  cp "$file" "again${entry#run}"
  rm again/metrics.json again/steps/* again/model.safetensors
  limited $train --out again > out 2> err
  code=$?
  ended "train with a mutated cache entry" $code
  cmp -s run/model.safetensors again/model.safetensors || { ok=""; echo "FAIL: another model with a mutated entry"; }
  count
done
row "an entry of the cache" train
echo "mutated.sh: $passed passed, $failed failed"
[ "$failed" = 0 ]
