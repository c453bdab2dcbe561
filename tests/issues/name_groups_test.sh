#!/bin/sh
# What an inspection station makes from photographs was learned and judged as photographs; frames of learned parts made
# figures too good; a folder's column of a list was not read.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 12 --test-good 4 --per-defect 1 --objects gear > out
quick="--method gaussian --image-size 64"
good=data/gear/train/good
said() { # said NAME TIMES PATTERN
  [ "$(cat out err | grep -c -- "$3")" = "$2" ] && ok || not_ok "$1: $(cat out err)"
}
scores() { # scores MODEL
  "$iuf" eval "$1" data --csv scores.csv --quiet > eval.out 2>&1
  cat scores.csv
}

# A reference and a difference beside each photograph: the same model as without.
check "a model" "$iuf" train data --out plain $quick
said "a model" 0 "named"
cp -r data station
for file in station/gear/train/good/*.png station/gear/test/*/*.png; do
  cp $good/000.png "${file%.png}_ref.png"
  cp $good/001.png "${file%.png}_diff.png"
done
for command in "data station" "train station --out run $quick" "eval plain station"; do
  check "$command" "$iuf" $command
  said "$command" 1 "gear: 12 normal .* left out: 44 pictures named as made .* (first: .*_diff.png beside .*.png)"
done
[ "$(scores plain)" = "$(scores run)" ] && ok || not_ok "another model than without: $(scores run)"
"$iuf" synth other --quiet --size 64 --train 12 --test-good 1 --per-defect 1 --objects biscuit > out
cp -r other/biscuit/train/good wheel
for file in wheel/*.png; do
  cp $good/000.png "${file%.png}_ref.png"
  cp $good/001.png "${file%.png}_diff.png"
done
check "add" "$iuf" add plain wheel --out more.safetensors
said "add" 1 "wheel: 12 normal .* left out: 24 pictures named as made from photographs beside them"

# predict judges what it is given, and says so once.
check "predict a folder" "$iuf" predict plain wheel --out p --no-heatmaps
said "predict a folder" 1 "24 images are named as made from photographs beside them.*: they are judged as photographs"
[ "$(wc -l < p/predictions.csv)" = 37 ] && ok || not_ok "rows: $(cat p/predictions.csv)"
check "predict photographs" "$iuf" predict plain $good --out p --no-heatmaps
said "predict photographs" 0 "named"

# Three frames of each part, a further one among the test images.
mkdir -p burst/gear/train/good
cp -r data/gear/test burst/gear/test
rm burst/gear/test/good/*
for i in 1 2 3 4; do
  for frame in 1 2 3; do
    cp $good/0$(printf %02d $((i * 3 + frame - 4))).png burst/gear/train/good/part${i}_f$frame.png
  done
  cp data/gear/test/good/00$((i - 1)).png burst/gear/test/good/part${i}_f9.png
done
for command in "data burst" "train burst --out frames $quick" "eval frames burst"; do
  check "$command" "$iuf" $command
  said "$command" 1 \
    "gear: 12 normal.* 4 of 4 normal test images .* frames of learned parts (part1_f9.png beside part1_f1.png)"
  said "$command" 1 \
    "gear: 12 normal.* 12 of those to learn from are named in groups of 3 (part1_f1.png, part1_f2.png, ...)"
done
grep -q "named in groups of 3" frames/metrics.json && ok || not_ok "metrics.json: $(cat frames/metrics.json)"
grep -q "of learned parts" frames/metrics.json && ok || not_ok "metrics.json: $(cat frames/metrics.json)"

# Lists with a folder beside the name, and with other separators.
mkdir -p lists/line1 lists/line2
cp $good/000.png lists/000.png
cp $good/001.png lists/line1/000.png
cp $good/002.png lists/line2/000.png
list() { # list NAME CONTENT FILES
  printf "$2" > lists/day.csv
  check "$1" "$iuf" predict plain --list lists/day.csv --out listed --no-heatmaps --quiet
  [ "$(sed 1d listed/predictions.csv | cut -d , -f 1 | tr '\n' ' ')" = "$3 " ] && ok \
    || not_ok "$1: $(cat listed/predictions.csv)"
}
both="lists/line1/000.png lists/line2/000.png"
for head in folder,file Folder,filename dir,name directory,image folder_name,file; do
  list "$head" "$head,object\nline1,000.png,gear\nline2,000.png,gear\n" "$both"
done
list "an empty folder" "folder,file\nline1,000.png\n,000.png\n" "lists/line1/000.png lists/000.png"
list "a name with its folder" "folder,file\nline1,line1/000.png\n" "lists/line1/000.png"
list "JSON" '{"folder": "line1", "name": "000.png"}\n{"dir": "line2", "file": "000.png"}\n' "$both"
list "semicolons" "path;object\nline1/000.png;gear\nline2/000.png;gear\n" "$both"
list "semicolons and a folder" "folder;file;object\r\nline1;000.png;gear\r\n\"line2\";000.png;\r\n" "$both"
list "tabs" "path\tobject\nline1/000.png\tgear\n" "lists/line1/000.png"
list "a comma in semicolons" "path;remark\nline1/000.png;a, b\n" "lists/line1/000.png"
printf 'folder,file\nline3,000.png\n' > lists/day.csv
"$iuf" predict plain --list lists/day.csv --out listed --quiet > out 2> err
[ $? = 1 ] && grep -q "day.csv: line 2: no such file: 'line3/000.png'" err && ok || not_ok "no such folder: $(cat err)"
printf 'folder,dir,file\nline1,line2,000.png\n' > lists/day.csv
refused 1 "day.csv: line 1: 'dir' and 'folder' say the same" "$iuf" predict plain --list lists/day.csv --out x --quiet

finish
