#!/bin/sh
# predict could not be told for each image which product it should be; equal frames of a camera were not told.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
gear=data/gear/test/good
biscuit=data/biscuit/test/good

# A row for each image, judged against the object that its row names, or that fits best.
mkdir lists
printf 'path,object\n../%s/000.png,gear\n../%s/000.png,gear\n../%s/001.png,\n"%s",biscuit\n' \
  $gear $biscuit $gear "$PWD/$biscuit/001.png" > lists/day.csv
check "a table" "$iuf" predict run --list lists/day.csv --out day --quiet
[ "$(sed 1d day/predictions.csv | cut -d , -f 5,8 | tr '\n' ' ')" = "gear, gear,biscuit gear, biscuit, " ] && ok \
  || not_ok "objects of the table: $(cat day/predictions.csv)"
grep -q "another object fits 1 better" out && ok || not_ok "the summary: $(cat out)"
check "one object" "$iuf" predict run $gear/000.png --object gear --out one --quiet
[ "$(sed -n 2p one/predictions.csv | cut -d , -f 2-8)" = "$(sed -n 2p day/predictions.csv | cut -d , -f 2-8)" ] && ok \
  || not_ok "a row of the list is not that of --object"
check "an object for the others" "$iuf" predict run --list lists/day.csv --object biscuit --out rest --quiet
[ "$(sed -n 4p rest/predictions.csv | cut -d , -f 5,8)" = "biscuit,gear" ] && ok || not_ok "$(cat rest/predictions.csv)"
printf '{"filename": "../%s/000.png", "object": "gear"}\n{"filename": "..\\\\%s\\\\000.png", "clsname": "gear"}\n' \
  $gear "$(echo $biscuit | tr / '\\' | sed 's/\\/\\\\/g')" > lists/day.jsonl
check "JSON lines" "$iuf" predict run --list lists/day.jsonl --out json --quiet
[ "$(sed 1d json/predictions.csv | cut -d , -f 5,8 | tr '\n' ' ')" = "gear, gear,biscuit " ] && ok \
  || not_ok "objects of the lines: $(cat json/predictions.csv)"
check "a list and a folder" "$iuf" predict run $gear --list lists/day.csv --out both --quiet
[ "$(wc -l < both/predictions.csv)" = 7 ] && ok || not_ok "a list and a folder: $(cat both/predictions.csv)"
[ "$(find both/heatmaps -name '*.png' | wc -l)" = 6 ] && ok || not_ok "heatmaps: $(ls both/heatmaps)"
refused 2 "inputs or --list is required" "$iuf" predict run --out none

# What is left out is said, a file that is not there is an error of its row, and the others are done.
printf 'file,object,label,remark,exclude\n%s,gear,0,x,\n%s,gear,1,,1\nnone.png,gear,0,,\n' $gear/000.png $gear/001.png \
  > rows.csv
"$iuf" predict run --list rows.csv --out rows > out 2> err
[ $? = 1 ] && ok || not_ok "a missing file: exit code"
grep -q "rows.csv: line 4: no such file: 'none.png'" err && ok || not_ok "a missing file: $(cat err)"
grep -q "left out: 1 row of rows.csv that say.*keys that are not used: label (3 rows), remark (1 row)" err && ok \
  || not_ok "what is left out: $(cat err)"
[ "$(sed 1d rows/predictions.csv | cut -d , -f 4 | tr '\n' ' ' | sed 's/ok\|defect\|unknown/judged/g')" = \
  "judged error " ] && ok || not_ok "rows: $(cat rows/predictions.csv)"

# Lists that make no sense, and unknown objects, before anything is judged.
bad() { # bad PATTERN CONTENT
  printf "$2" > bad.csv
  refused 1 "$1" "$iuf" predict run --list bad.csv --out none --quiet
}
bad "bad.csv: line 3: data/gear.*unknown object 'gaer' .did you mean 'gear'" \
  "path,object\n$gear/000.png,gear\n$gear/001.png,gaer\n"
bad "bad.csv: line 2: 1 fields, the header has 2" "path,object\n$gear/000.png\n"
bad "bad.csv: line 1: the header must name a column path" "$gear/000.png,gear\n"
bad "bad.csv: line 1: 'path' and 'image' say the same" "path,image\na,b\n"
bad "bad.csv: line 1: the column 'object' is there twice" "path,object,object\na,gear,gear\n"
bad "bad.csv: line 2: no image is named" "path,object\n,gear\n"
bad "bad.csv: line 1: the key .object. is there twice" '{"path": "a", "object": "gear", "object": "biscuit"}\n'
bad "bad.csv: line 2: not a JSON object" "{\"path\": \"$gear/000.png\"}\nx\n"
bad "bad.csv: lists no images" "path,object\n"
bad "bad.csv: the list is empty" "\n"
refused 1 "lists/none.csv: no such file" "$iuf" predict run --list lists/none.csv --out none --quiet
[ -e none/predictions.csv ] && not_ok "a refused call left a table" || ok

# One image under two objects, interrupted at a pipe: the same list goes on with the object of each row, another list
# begins anew.
printf 'path,object\n%s,gear\n%s,biscuit\n' $gear/000.png $gear/000.png > twice.csv
mkfifo pipe.png
"$iuf" predict run pipe.png --list twice.csv --no-heatmaps --out twice --threads 2 > /dev/null 2>&1 &
predicting=$!
for _ in $(seq 60); do
  [ "$(cat twice/predictions.partial.jsonl 2> /dev/null | wc -l)" = 3 ] && break
  sleep 0.25
done
kill -9 $predicting
wait $predicting 2> /dev/null
rm pipe.png
cp $gear/001.png pipe.png
cp -r twice other
check "going on" "$iuf" predict run pipe.png --list twice.csv --no-heatmaps --out twice
grep -q "2 of 3 images are judged" err && ok || not_ok "going on: $(cat err)"
[ "$(sed 1d twice/predictions.csv | cut -d , -f 5 | tr '\n' ' ')" = "gear gear biscuit " ] && ok \
  || not_ok "going on: $(cat twice/predictions.csv)"
grep -q "cop" err && not_ok "the same file again is called a copy: $(cat err)" || ok
echo "$gear/000.png,gear" >> twice.csv
check "another list" "$iuf" predict run pipe.png --list twice.csv --no-heatmaps --out other
grep -q "begins anew" err && ok || not_ok "another list: $(cat err)"

# A camera that stands still: equal pictures under other names.
mkdir frozen
for i in 0 1 2 3; do cp $gear/000.png frozen/$i.png; done
cp $gear/001.png frozen/4.png
check "a frozen camera" "$iuf" predict run frozen --out cam
[ "$(grep -c '3 of 5 images are copies of others.*frozen/1.png = frozen/0.png' err)" = 1 ] && ok \
  || not_ok "a frozen camera: $(cat err)"
check "the same file again" "$iuf" predict run frozen/0.png frozen/0.png frozen/4.png --out cam2
grep -q "cop" err && not_ok "the same file is called a copy: $(cat err)" || ok

finish
