#!/bin/bash
# Mutated copies of checkpoints, of images, of a model, of the files of a run and of its cache: whatever reads them ends
# within ten seconds of computing, with exit code 0 or one line, and never with another result than the undamaged file
# gives. A format without a checksum of its own (a PyTorch pickle, other people's safetensors, JPEG) can come to hold
# something else without a trace: such copies are counted apart.
#
#   mutated.sh PROGRAM FUZZ-DRIVER [COPIES]
#
# COPIES is 200; with `short` a few of each are read. Else rows of the table in docs/reliability.md are printed: file,
# reader -> copies, refused, the same result, another one, lost.
iuf=$(realpath "$1") fuzz=$(realpath "$2") copies=${3:-200} short=""
[ "$copies" = short ] && short=1 copies=3
tests=$(cd "$(dirname "$0")/.." && pwd)
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
# For what makes a model anew: a run of the first seconds.
cp -r run bare
rm bare/metrics.json bare/steps/* bare/model.safetensors

# Readers. Each is given a copy and leaves what it made of it in `result`, without the copy's name.
verdicts() { cut -d , -f "$1" found/predictions.csv | sed 1d > result; }
predict_with() { "$iuf" predict "$1" data/gear/test --out found --quiet --no-heatmaps && verdicts 1,2,4,5; }
predict_of() { "$iuf" predict run "$1" --out found --quiet --no-heatmaps && verdicts 4,5; }
convert() { "$iuf" convert "$1" converted --quiet && mv converted result; }
info() { "$iuf" info "$1" > /dev/null && "$iuf" convert "$1" converted --quiet && mv converted result; }
with_part() { # with_part COPY FOLDER PART: `again`, a folder with the copy in the place of the part
  cp -r "$2" again
  cp "$1" "again/$3"
}
train_with() {
  with_part "$1" run "$part" && $train --out again && cat again/scores.csv again/model.safetensors > result
}
train_from() { with_part "$1" bare "$part" && $train --out again && mv again/model.safetensors result; }
report_with() { with_part "$1" run "$part" && "$iuf" report again && cat again/report.html > result; }
verify_with() { with_part "$1" run "$part" && "$iuf" verify again && cp "$1" result; }

# Ten seconds of computing, whatever else runs here.
limited() { (ulimit -t 10 && "$@"); }
clear() { rm -rf found converted again result; }
# try FILE READER KIND: strict, or loose where the format has no checksum.
try() {
  local file=$1 reader=$2 kind=$3 refused=0 same=0 other=0 lost=0 copy code
  clear
  if ! limited "$reader" "$file" > out 2> err; then
    echo "FAIL: $reader of $file: $(tail -1 err)"
    failed=$((failed + 1))
    return
  fi
  mv result expected
  rm -rf mutants
  mkdir mutants
  "$fuzz" --mutate "$copies" "$file" mutants
  for copy in mutants/*; do
    clear
    limited "$reader" "$copy" > out 2> err
    code=$?
    if [ $code = 1 ] || [ $code = 2 ]; then
      if [ "$(grep -c '^iuf: ' err)" = 1 ]; then refused=$((refused + 1)); continue; fi
      [ "$reader" = verify_with ] && grep -q '^iuf: error: ' err && refused=$((refused + 1)) && continue
    elif [ $code = 0 ] && cmp -s result expected; then
      same=$((same + 1))
      continue
    elif [ $code = 0 ] && [ "$kind" = loose ]; then
      other=$((other + 1))
      continue
    fi
    lost=$((lost + 1))
    echo "FAIL: $reader of $file, $(basename "$copy"): ended with $code: $(tail -2 err | cut -c -300 | tr '\n' ' ')"
    [ -z "$KEEP" ] || cp "$copy" "$KEEP/$reader-$(basename "$file")-$(basename "$copy")"
  done
  passed=$((passed + copies - lost)) failed=$((failed + lost))
  [ -n "$short" ] ||
    echo "| ${part:-$(basename "$file")}, ${reader%_*} | $copies | $refused | $same | $other | $lost |"
}

# Checkpoints of others. A PyTorch zip has a checksum of each part.
part=""
checkpoints="$tests/golden/checkpoint_zip.pth $tests/golden/checkpoint_half.pth $tests/golden/checkpoint_legacy.pth
  $tests/golden/checkpoint.safetensors"
if [ -z "$short" ]; then
  for file in "$tests"/golden/*.safetensors "$tests"/golden/published/*.pth; do
    [ "$file" = "$tests/golden/checkpoint.safetensors" ] || checkpoints="$checkpoints $file"
  done
fi
for file in $checkpoints; do
  case $file in
    *_legacy.pth) try "$file" convert loose ;;
    *.pth) try "$file" convert strict ;;
    *) try "$file" info loose ;;
  esac
done

# Images. PNG has checksums.
picture=$(find data/gear/test -name '*.png' | sort | head -1)
try "$picture" predict_of strict
try "$(find run/gallery -name '*_input.jpg' | sort | head -1)" predict_of loose
try "$tests/iuf/image/files/gray16_interlaced.png" predict_of strict
if [ -z "$short" ]; then
  for file in pattern.png pattern_gray.png; do try "$tests/golden/$file" predict_of strict; done
  try "$tests/golden/pattern.jpg" predict_of loose
fi

# A model, and all that a run holds.
try run/model.safetensors predict_with strict
for part in model.safetensors run.json steps/00.json steps/01.json; do try run/$part train_with strict; done
for part in metrics.json scores.csv log.jsonl gallery/index.json; do try run/$part report_with strict; done
for part in model.safetensors run.json metrics.json scores.csv log.jsonl steps/01.json gallery/index.json; do
  try run/$part verify_with strict
  [ -n "$short" ] && break
done
part=$(cd run && find gallery -name '*_input.jpg' | sort | head -1)
try "run/$part" report_with strict
part=$(cd run && find cache -name '*.safetensors' | sort | head -1)
try "run/$part" train_from strict

echo "mutated.sh: $passed passed, $failed failed"
[ "$failed" = 0 ]
