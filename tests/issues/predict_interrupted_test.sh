#!/bin/sh
# An interrupted predict left hundreds of heatmaps and no row: the same command goes on, judges nothing twice, and ends
# with the bytes of one that was not interrupted.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
mkdir images
for object in biscuit gear; do
  for file in data/$object/train/good/*.png data/$object/test/*/*.png; do
    cp "$file" "images/$object-$(echo "$file" | tr / _)"
  done
done
echo "no image" > images/note.png
count=$(ls images | wc -l)
"$iuf" predict run images --out whole --quiet > whole.out 2> whole.err
[ $? = 1 ] && ok || not_ok "the broken image is no error: $(cat whole.err)"
same() {
  [ "$(ls "$2")" = "$(ls whole)" ] && ok || not_ok "$1: left $(ls "$2")"
  [ "$(ls "$2/heatmaps")" = "$(ls whole/heatmaps)" ] || not_ok "$1: heatmaps are $(ls "$2/heatmaps")"
  for file in $(cd whole && find . -type f); do
    cmp "whole/$file" "$2/$file" > /dev/null && continue
    not_ok "$1: $file differs"
  done
}

# A pipe blocks the call where it stands among the images, so that it is killed after exactly so many of them.
# killed SIGNAL OUT: predicts six images and waits for ever at a pipe, until SIGNAL.
killed() {
  mkfifo pipe.png
  first=$(ls images | head -n 6 | sed 's|^|images/|')
  # A shell without jobs lets what it starts ignore SIGINT.
  env --default-signal=INT "$iuf" predict run $first pipe.png images --out "$2" --threads 1 > /dev/null 2> killed.err &
  predicting=$!
  for _ in $(seq 60); do
    [ "$(cat "$2/predictions.partial.jsonl" 2> /dev/null | wc -l)" = 7 ] && break
    sleep 0.25
  done
  kill "-$1" $predicting
  wait $predicting 2> /dev/null
  rm pipe.png
  cp images/"$(ls images | sed -n 8p)" pipe.png
}
for signal in KILL INT; do
  killed $signal cut
  [ "$(wc -l < cut/predictions.partial.jsonl)" = 7 ] && ok || not_ok "rows: $(cat cut/predictions.partial.jsonl)"
  [ -e cut/predictions.csv ] && not_ok "$signal: a table of an unfinished call" || ok
  cp -r cut torn
  rm -rf changed
  cp -r cut changed
  first=$(ls images | head -n 6 | sed 's|^|images/|')
  "$iuf" predict run $first pipe.png images --out cut > out 2> err
  grep -q "6 of $((count + 7)) images are judged" err && ok || not_ok "it does not say that it goes on: $(cat err)"
  "$iuf" predict run $first pipe.png images --out once > out.once 2> err
  diff -r cut once > difference && ok || not_ok "$signal: $(cat difference)"
  [ -e cut/predictions.partial.jsonl ] || [ -e cut/heatmaps.partial ] && not_ok "left: $(ls cut)" || ok
  # A line that was not written whole, or not as it should be, is done again, with what follows it.
  for damage in 's/$/x/;t' '3s/score/scare/' '5s/"score":./"score":9/' '4d;5s/,//'; do
    rm -rf mended
    cp -r torn mended
    sed "$damage" torn/predictions.partial.jsonl > mended/predictions.partial.jsonl
    "$iuf" predict run $first pipe.png images --out mended --quiet > /dev/null 2> err
    diff -r mended once > difference && ok || not_ok "journal damaged by $damage: $(cat difference)"
  done
  head -c -20 torn/predictions.partial.jsonl > changed/predictions.partial.jsonl
  # An image that was changed since is judged again, and said.
  one=$(echo "$first" | head -n 1)
  cp "$one" kept.png
  sleep 0.02
  cp images/"$(ls images | tail -n 2 | head -n 1)" "$one"
  "$iuf" predict run $first pipe.png images --out changed > out 2> err
  grep -q "1 changed since" err && ok || not_ok "a changed image is not told: $(cat err)"
  "$iuf" predict run $first pipe.png images --out fresh > out 2> err
  diff -r changed fresh > difference && ok || not_ok "changed image: $(cat difference)"
  cp kept.png "$one"
  # Another command does not take these rows for its own.
  "$iuf" predict run images --out torn > out 2> err
  grep -q "begins anew" err && ok || not_ok "another call says nothing: $(cat err)"
  same "another call" torn
  rm -rf cut torn changed once fresh mended pipe.png
done

# Killed at any time, at last it ends, with the same bytes.
turn=0
while [ $turn -lt 12 ]; do
  turn=$((turn + 1))
  "$iuf" predict run images --out any --quiet > out 2> err &
  predicting=$!
  sleep "0.$(printf %02d $((2 * turn)))"
  kill -9 $predicting 2> /dev/null && killed_once=1
  wait $predicting 2> /dev/null
done
[ "${killed_once:-0}" = 1 ] && ok || not_ok "no call was killed"
"$iuf" predict run images --out any --quiet > out 2> err
same "killed at any time" any

# What is there stays until the new call is done, and then makes place for it.
"$iuf" predict run data/gear/test --out used --quiet > /dev/null 2>&1
echo mine > used/heatmaps/mine.png
echo mine > used/mine.txt
cp -r used earlier
killed KILL used
(cd earlier && find . -type f) | while read -r file; do
  cmp -s "earlier/$file" "used/$file" || echo "$file"
done > difference
[ ! -s difference ] && ok || not_ok "an unfinished call changed: $(cat difference)"
rm pipe.png
"$iuf" predict run images --out used > out 2> err
rm used/mine.txt
[ "$(cat used/heatmaps/mine.png)" = mine ] && ok || not_ok "a foreign file was removed"
rm used/heatmaps/mine.png
grep -q "removed [0-9]* heatmaps of an earlier call" err && ok || not_ok "old heatmaps: $(cat err)"
same "a folder that was used before" used
"$iuf" predict run images --out used --format jsonl --no-heatmaps > out 2> err
[ "$(ls used used/heatmaps)" = "$(printf 'used:\nheatmaps\npredictions.jsonl\n\nused/heatmaps:')" ] && ok \
  || not_ok "an old table or heatmap stays: $(ls used used/heatmaps)"
grep -q "predictions.csv: removed" err && ok || not_ok "an old table: $(cat err)"

finish
