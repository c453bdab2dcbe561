#!/bin/sh
# Symbolic links in a folder of output do not lead to what lies elsewhere: a link to a file is replaced, one to a folder
# is refused. A file that the user names is followed.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
train="$iuf train data --steps biscuit --method gaussian --quiet --image-size 64 --grid 4 --out"
check "a model" $train run
mkdir elsewhere
precious() { # precious WHAT: nothing there was changed
  [ "$(cat elsewhere/file)" = precious ] && [ "$(ls elsewhere)" = file ] && ok \
    || not_ok "$1 went elsewhere: $(ls elsewhere), $(head -c 200 elsewhere/file)"
  rm -rf elsewhere
  mkdir elsewhere
  echo precious > elsewhere/file
}
echo precious > elsewhere/file
here=$PWD/elsewhere/file

for name in predictions.csv predictions.jsonl predictions.partial.jsonl predictions.html; do
  mkdir -p found
  ln -sf "$here" found/$name
done
check "predict over links" "$iuf" predict run data/biscuit/test/good --out found --format both --report --quiet
precious "predict"
[ ! -L found/predictions.csv ] && [ -s found/predictions.csv ] && ok || not_ok "the table is no file of its own"
for folder in heatmaps heatmaps.partial; do
  rm -rf found
  mkdir found
  ln -s ../elsewhere found/$folder
  refused 1 "found/$folder: is a link, which is not followed" \
    "$iuf" predict run data/biscuit/test/good --out found --quiet
  precious "predict with a linked folder"
done
# A table that somebody laid there does not have pictures removed elsewhere.
rm -rf found
mkdir found
ln -s ../elsewhere found/heatmaps
echo picture > elsewhere/a.png
printf 'file,verdict,heatmap\na,ok,heatmaps/a.png\n' > found/predictions.csv
check "predict without pictures" "$iuf" predict run data/biscuit/test/good --out found --quiet --no-heatmaps
[ -e elsewhere/a.png ] && ok || not_ok "a picture elsewhere is removed"
rm -rf found elsewhere/a.png

mkdir judged line
cp data/biscuit/test/good/000.png line
ln -s "$here" judged/log.csv
watch="$iuf watch run line --once --settle 0 --out judged --quiet"
refused 1 "judged/log.csv: is a link, which is not followed" $watch
rm judged/log.csv
ln -s "$here" judged/watch.journal
echo precious > elsewhere/file
refused 1 "judged/watch.journal: damaged" $watch
precious "watch"

for name in scores.csv report.html metrics.json log.jsonl run.cfg; do
  mkdir -p other
  ln -sf "$here" other/$name
done
check "train over links" $train other
precious "train"
for name in model.safetensors gallery steps; do
  rm -rf linked
  mkdir linked
  ln -s ../elsewhere linked/$name
  refused 1 "linked/$name: is a link, which is not followed" $train linked
  precious "train with a linked $name"
done
mkdir -p compared/gaussian
ln -s "$here" compared/gaussian/train.log
ln -s "$here" compared/comparison.csv
"$iuf" compare data --steps biscuit --methods gaussian --image-size 64 --grid 4 --quiet --out compared > out 2> err
precious "compare"

# What the user names is followed.
mkdir -p named
touch named/file
ln -sf named/file found.csv
check "eval into a linked table" "$iuf" eval run data --csv found.csv --quiet
[ -L found.csv ] && [ -s named/file ] && ok || not_ok "a table that was named is not followed"
cp run/model.safetensors named/model
ln -s named/model model
check "a linked model" "$iuf" calibrate model --false-alarms 2% --quiet
[ -L model ] && ! cmp -s named/model run/model.safetensors && ok || not_ok "a model that was named is not followed"
finish
