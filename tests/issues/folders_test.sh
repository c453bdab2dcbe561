#!/bin/sh
# Commands say what they made of a folder, in one line per product, and refuse to learn what is hardly normal.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 8 --test-good 3 --per-defect 2 --objects biscuit > /dev/null
good=data/biscuit/train/good normal=data/biscuit/test/good
bad=data/biscuit/test/crack masks=data/biscuit/ground_truth/crack
learn="--method gaussian --threads 1 --image-size 64"
says() {
  if grep -Eq -e "$2" "$work/err"; then ok; else not_ok "$1 does not say '$2': $(cat "$work/err")"; fi
}

# One product in three folders, with masks, texts and another ending.
mkdir -p line && cp -r $good line/OK && cp -r $bad line/NG && cp -r $masks line/MASK && echo note > line/OK/notes.txt
for file in line/NG/*.png; do mv "$file" "${file%.png}.jfif"; done
check "OK, NG, MASK" "$iuf" train line --out run $learn
says "train" "^line: 8 normal to learn from, 0 normal and 2 defective to test \(kind NG, all with masks\)"
says "train" "false alarms cannot be measured"
says "train" "left out: 1 file that is no image \(notes.txt\)"
mkdir -p line/test && cp -r $normal line/test/Good
check "eval" "$iuf" eval run line
says "eval" "^line: 8 normal to learn from, 3 normal and 2 defective to test"
"$iuf" data line > out && grep -Eq '^line +test +NG +2 +2 ' out && grep -q '64 x 64  PNG RGB 8-bit' out && ok \
  || not_ok "iuf data: $(cat out)"
"$iuf" data line --json | grep -q '"label_name": "NG"' && ok || not_ok "iuf data --json"

# Defects must not be learned by an oversight.
refused 1 "crack.*'test'.*--normal" "$iuf" add run $bad --quiet
refused 1 "NG.*defects.*--normal" "$iuf" add run line/NG --quiet
refused 1 "masks" "$iuf" add run $masks --quiet
check "insisting" "$iuf" add run $bad --normal --variant --name odd --quiet --out more.safetensors
refused 1 "good" "$iuf" train $bad --out other $learn --quiet
mkdir -p two && cp -r $good two/good && cp -r $normal two/ok
refused 1 "two/good and two/ok" "$iuf" train two --out other $learn --quiet

# Names of files, sub-folders of good, links and folders further up.
mkdir -p hall/good/line2 hall/NG/2024/05 && cp $good/*.png hall/good && cp $normal/*.png hall/good/line2
cp $bad/*.png hall/NG/2024/05
check "sub-folders" "$iuf" train hall --out hall_run $learn
says "train" "^hall: 11 normal to learn from.*; for normal, in sub-folders: good/line2 3"
"$iuf" data hall > out && grep -Eq 'normal: good/line2 +3 *$' out && ok || not_ok "iuf data: $(cat out)"
"$iuf" data hall --json | grep -q '"good/line2": 3' && ok || not_ok "iuf data --json"
refused 1 "NG.*--normal" "$iuf" add run hall/NG/2024/05 --quiet
ln -s NG/2024/05 hall/latest
refused 1 "latest.*NG.*--normal" "$iuf" add run hall/latest --quiet
mkdir -p store/NG && cp $bad/*.png store/NG && ln -s ../../store/NG hall/good/line3
refused 1 "line3.*'NG'" "$iuf" train hall --out other $learn --quiet
rm hall/good/line3 hall/latest && mkdir hall/good/rework && cp $bad/*.png hall/good/rework
refused 1 "good/rework.*move it out" "$iuf" train hall --out other $learn --quiet
rm -r hall/good/rework && cp $bad/000.png hall/good/20240501_NG.png
refused 1 "20240501_NG.png: the name says" "$iuf" train hall --out other $learn --quiet
check "insisting on names" "$iuf" add run hall --normal --variant --name odd2 --quiet --out more.safetensors

# predict says what it leaves out, and judges the rest, whatever its name.
mkdir -p in/sub in/gt && cp $good/000.png in/a.jpe && cp $good/001.png "in/sub/$(printf 'caf\351')"
cp $masks/000_mask.png in/gt && cp $masks/000_mask.png in/a_mask.png && echo > in/x.csv
printf 'GIF89a....' > in/b.png
"$iuf" predict run in --out found --threads 1 > out 2> err
[ $? = 1 ] && grep -q '^2 images' out && grep -q '1 not read' out && ok || not_ok "predict: $(cat out err)"
says "predict" "^in: left out: gt \(1 image, masks\), 1 mask beside its photograph \(a_mask.png\),"
says "predict" ", 1 file that may say which images are defective, not read \(x.csv\)$"
says "predict" "in/b.png: GIF by its content"

finish
