#!/bin/sh
# The life of a model: every change keeps its predecessor and is told by `history`; `rollback` brings any back;
# `update`, `remove` and `rename` change what is known.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
"$iuf" synth more --quiet --size 64 --train 8 --test-good 4 --per-defect 1 --seed 5 --objects gear,wood > /dev/null
check "learning" "$iuf" train data --steps "biscuit;gear" --method gaussian --image-size 64 --out run --quiet
model=run/model.safetensors
version() { "$iuf" history "$1" --json | sed -n 's/^ "version": \(.*\)$/\1/p'; }
# rows MODEL: version, command and state of every change.
rows() { "$iuf" history "$1" | awk 'NR > 1 { print $1, $3, $NF }' | tr '\n' ';'; }
is() { [ "$2" = "$3" ] && ok || not_ok "$1: '$2' instead of '$3'"; }
same_scores() { # WHAT MODEL MODEL: judged against gear
  for of in "$2" "$3"; do
    "$iuf" predict "$of" data/gear/test data/biscuit/test --object gear --out p --no-heatmaps --quiet > /dev/null
    cut -d , -f 1-2 p/predictions.csv > "$(basename "$of").csv"
  done
  cmp "$(basename "$2").csv" "$(basename "$3").csv" && ok || not_ok "$1: other scores"
}

is "after two steps" "$(rows run)" "1 train kept;2 train current;"
cp $model two
check "add" "$iuf" add run more/wood/train/good --name wood --quiet
check "calibrate" "$iuf" calibrate run --object gear --false-alarms 20%
check "rename" "$iuf" rename run wood plank
check "remove" "$iuf" remove run --object plank
is "after six changes" "$(rows run)" \
  "1 train kept;2 train kept;3 add kept;4 calibrate kept;5 rename kept;6 remove current;"
"$iuf" history run > out
for what in '^ *3 .*Z +add +learned wood from 8 images' '^ *4 .*gear: threshold .* from 6 scores' \
  '^ *5 .*renamed wood to plank' '^ *6 .*forgot plank'; do
  grep -Eq "$what" out && ok || not_ok "history does not say '$what': $(cat out)"
done
now=$(date -u +%Y-%m-%d)
grep -q "^ *6 .*$now" out || grep -q "^ *6 .*$(date -u +%Y-%m-%d)" out && ok || not_ok "no time: $(cat out)"
"$iuf" history run --json > json
python3 -c '
import json
j = json.load(open("json"))
assert j["version"] == 6 and j["fault"] is None, j
assert [c["version"] for c in j["changes"]] == [1, 2, 3, 4, 5, 6]
assert j["changes"][4]["objects"] == ["wood", "plank"] and j["changes"][4]["state"] == "kept"
assert all(c["time"].endswith("Z") and c["program"] and c["file"] and len(c["hash"]) == 16 for c in j["changes"])
' 2> err && ok || not_ok "history --json: $(cat err json)"

# The scores of the others are those of before, whatever came and went.
same_scores "gear after add and remove" two $model
# Refused: nothing changes.
cp $model before
refused 1 "'zebra'.*the model knows: biscuit, gear" "$iuf" remove run --object zebra
refused 1 "'gear' is already in the model" "$iuf" rename run biscuit gear
refused 1 "cannot be the name of an object" "$iuf" rename run biscuit a/b
refused 1 "version 9 is not kept; there are 5, 4, 3, 2, 1" "$iuf" rollback run --to 9
refused 2 "to" "$iuf" rollback run --to 0
refused 2 "keep-versions" "$iuf" remove run --object gear --keep-versions -1
cmp $model before && ok || not_ok "a refused call changed the model"
check "remove beside" "$iuf" remove run --object gear --out one
refused 1 "'biscuit' is the only one" "$iuf" remove one --object biscuit
cmp $model before && ok || not_ok "--out changed the model itself"
is "a model that was written beside" "$(version one)" 7

# Back, and back again: nothing is lost.
check "rollback" "$iuf" rollback run
grep -q "version 5 is back, as version 7" out && ok || not_ok "rollback says: $(cat out)"
"$iuf" info run | grep -q '^plank ' && ok || not_ok "the object is not back: $("$iuf" info run)"
check "rollback of it" "$iuf" rollback run
"$iuf" info run | grep -q '^plank ' && not_ok "the second rollback did not undo the first" || ok
check "rollback to" "$iuf" rollback run --to 2
same_scores "version 2 again" two $model
check "add again" "$iuf" add run more/wood/train/good --name wood --quiet
is "a version before knew less" "$(head -1 out | cut -c 1-14)" "learned 'wood'"
is "versions go on" "$(version run)" 10

# Bounded.
check "few" "$iuf" calibrate run --object gear --false-alarms 10% --keep-versions 3
is "three are kept" "$(ls $model.versions | grep -c safetensors)" 3
"$iuf" history run | grep -Eq '^ *2 .*gone$' && ok || not_ok "a version that is gone: $("$iuf" history run)"
check "small" "$iuf" calibrate run --object gear --false-alarms 20% --keep-mib 0
is "the newest is kept whatever its size" "$(ls $model.versions | grep -c safetensors)" 1
cp $model alone
check "none" "$iuf" calibrate alone --object gear --false-alarms 5% --keep-versions 0
[ ! -e alone.versions ] && ok || not_ok "none were to be kept: $(ls alone.versions)"
refused 1 "no predecessor is kept" "$iuf" rollback alone

# A link: what it leads to has the versions.
mkdir real && cp two real/model && ln -s real/model link
check "by a link" "$iuf" rename link gear wheel
[ -L link ] && [ -e real/model.versions ] && [ ! -e link.versions ] && ok || not_ok "a link: $(ls -l . real)"
check "back by a link" "$iuf" rollback link
"$iuf" info real/model | grep -q '^gear ' && ok || not_ok "not back by a link"

# A damaged model is named with its newest predecessor, and comes back.
cp -r real broken
printf 'x' | dd of=broken/model bs=1 seek=5000 conv=notrunc 2> /dev/null
for command in "info broken/model" "predict broken/model data/gear/test --out q" "add broken/model more/wood --name w" \
  "eval broken/model data" "remove broken/model --object gear" "calibrate broken/model --false-alarms 5%"; do
  refused 1 "broken/model: .*damaged.* its newest predecessor is version 3, .*\`iuf rollback broken/model\`" \
    "$iuf" $command
done
"$iuf" history broken/model > out 2> err
[ $? = 1 ] && grep -q '^ *3 .*kept$' out && grep -q "damaged" err && ok \
  || not_ok "history of a damaged model: $(cat out err)"
newest=$(ls broken/model.versions/0003-*)
printf 'x' | dd of="$newest" bs=1 seek=5000 conv=notrunc 2> /dev/null
refused 1 "damaged" "$iuf" rollback broken/model --to 3
refused 1 "its newest predecessor is version 2" "$iuf" info broken/model
check "rollback of a damaged model" "$iuf" rollback broken/model
grep -q "version 2 is back, as version 4" out && ok || not_ok "rollback of a damaged model says: $(cat out)"
check "it works again" "$iuf" info broken/model
[ "$(ls broken/model.versions | grep -c '^0000-')" = 1 ] && ok \
  || not_ok "the damaged file is lost: $(ls broken/model.versions)"
rm broken/model
check "rollback of a missing model" "$iuf" rollback broken/model
check "it is there again" "$iuf" info broken/model
printf 'no json\n{"version":1}\n' >> broken/model.versions/history.jsonl
check "damaged notes" "$iuf" history broken/model
[ "$(grep -c 'history.jsonl: line' err)" = 2 ] && ok || not_ok "damaged notes are not told: $(cat err)"

# A run does not go on with a model whose objects are called otherwise.
check "renamed" "$iuf" rename run gear wheel
refused 1 "is 'wheel', the run's is 'gear'.*iuf rollback" "$iuf" train data --steps "biscuit;gear" \
  --method gaussian --image-size 64 --out run
check "back" "$iuf" rollback run --to "$(($(version run) - 1))"
check "the run goes on" "$iuf" train data --steps "biscuit;gear" --method gaussian --image-size 64 --out run --quiet

# A comparison keeps none.
check "comparison" "$iuf" compare data --steps "biscuit;gear" --methods gaussian --image-size 64 --out compared --quiet
[ -z "$(find compared -name '*.versions')" ] && ok || not_ok "a comparison keeps versions"

# A known object under another lamp.
check "update" "$iuf" update run more/gear/train/good --object gear --quiet
grep -Eq "learned 8 more images of 'gear', 14 in all, threshold .* -> .* from 14 scores" out && ok \
  || not_ok "update says: $(cat out)"
check "update again" "$iuf" update run more/gear/train/good --object gear --quiet
grep -q "nothing to do" out && ok || not_ok "learned twice: $(cat out)"
refused 1 "crack" "$iuf" update run data/gear/test/crack --object gear
refused 1 "unknown object" "$iuf" update run more/gear/train/good --object gaer
"$iuf" history run | grep -Eq 'update +learned 8 more images of gear' && ok || not_ok "no update in the history"
finish
