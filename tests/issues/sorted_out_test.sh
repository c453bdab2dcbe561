#!/bin/sh
# A threshold from what `iuf watch --move-rejects` had left in its folder was far too low, without a word.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 40 --test-good 1 --per-defect 1 --objects gear > /dev/null
"$iuf" synth later --quiet --size 64 --train 60 --test-good 1 --per-defect 1 --seed 7 --objects gear > /dev/null
check "a model" "$iuf" train data/gear --method gaussian --views coarse --image-size 64 --threads 1 --quiet --out run
check "many false alarms" "$iuf" calibrate run --false-alarms 20%
says() { grep -q -e "$2" err && ok || not_ok "$1 does not say '$2': $(cat err)"; }
silent() { grep -q -e "$2" err && not_ok "$1 says '$2': $(cat err)" || ok; }
taken="images of this folder had an alarm and are no longer there"
above="images is above the present threshold"

# All of a day, as they came.
cp -r later/gear/train/good day
check "a whole day" "$iuf" calibrate run day --object gear --replace --out whole.safetensors
silent "a whole day" "$taken\|$above"
check "a whole day is judged" "$iuf" predict run day --out day.verdicts --quiet
check "judged, and all there" "$iuf" calibrate run day --object gear --replace --out whole.safetensors
silent "a day that was judged" "$taken\|$above"

# What the watch leaves.
cp -r later/gear/train/good line
"$iuf" watch run line --move-rejects rejects --once --quiet > /dev/null 2>&1
[ -n "$(ls rejects)" ] && ok || not_ok "the watch moved nothing"
refused 1 "line.verdicts/log.csv: [0-9]+ of 60 $taken .*insist \(.--normal.\)" \
  "$iuf" calibrate run line --object gear --replace
refused 1 "$taken" "$iuf" calibrate run "$work/line/" --object gear
refused 1 "$taken" "$iuf" update run line --object gear
check "insisted" "$iuf" calibrate run line --object gear --replace --normal --out low.safetensors
says "insisting" "$taken"

# The same without the watch's log.
cp -r line left
check "what is left" "$iuf" calibrate run left --object gear --replace --out low.safetensors
says "what is left" "gear: none of [0-9]* $above, and [0-9.]* % of normal ones are"
check "what is left is learned" "$iuf" update run left --object gear --out low.safetensors
says "what is left is learned" "$above"

# Sorted by hand after `iuf predict`, with its table in the folder.
cp -r day sorted
cp day.verdicts/predictions.csv sorted.csv
awk -F, 'NR > 1 && /,defect,|,unknown,/ { print $1 }' sorted.csv | while read -r file; do
  rm "sorted/$(basename "$file")"
done
sed 's/^day/sorted/' sorted.csv > sorted/predictions.csv
refused 1 "sorted/predictions.csv: [0-9]+ of 60 $taken" "$iuf" calibrate run sorted --object gear --replace

# The good ones are put back.
cp rejects/* line
check "put back" "$iuf" calibrate run line --object gear --replace --out whole.safetensors
silent "put back" "$taken\|$above"
finish
