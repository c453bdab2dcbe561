#!/bin/sh
# Images that arrive in a folder are judged once each, whatever is killed in between.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
mkdir all line
for file in data/biscuit/test/*/*.png data/gear/test/*/*.png data/*/train/good/*.png; do
  cp "$file" "all/$(echo "$file" | tr / _)"
done
check "the same by predict" "$iuf" predict run all --out whole --quiet
rows() { sed 1d "$1" | wc -l; }
# scores FILE FIRST: name, score, threshold, verdict and object of each row, sorted.
scores() { sed 1d "$1" | cut -d , -f "$2" | sed 's|^[a-z]*/||' | sort; }
# wait_for COUNT: until the log has that many rows.
wait_for() {
  for _ in $(seq 400); do
    [ -e line.verdicts/log.csv ] && [ "$(rows line.verdicts/log.csv)" -ge "$1" ] && return
    sleep 0.05
  done
}

# Files are written in pieces, moved here and copied while the program is killed again and again.
command='echo "$IUF_VERDICT $IUF_FILE $IUF_OBJECT" >> told'
watching=""
start() {
  "$iuf" watch run line --move-rejects rejects --exec "$command" --settle 0.2 > out 2> err &
  watching=$!
}
start
total=$(ls all | wc -l)
count=0
for file in all/*; do
  count=$((count + 1))
  name=$(basename "$file")
  case $((count % 4)) in
    0) cp "$file" "./moved.png" && mv ./moved.png "line/$name" ;;
    1) (head -c 700 "$file" && sleep 0.02 && tail -c +701 "$file") > "line/$name" ;;
    2) mkdir -p "line/sub" && cp "$file" "line/sub/$name" ;;
    3) cp "$file" "line/.$name.part" && ln "line/.$name.part" "line/$name" && rm "line/.$name.part" ;;
  esac
  case $count in
    5 | 12 | 13 | 20)
      kill -9 $watching
      wait $watching 2> /dev/null
      start ;;
  esac
done
wait_for "$total"
kill -TERM $watching
wait $watching
code=$?
[ $code = 0 ] && ok || not_ok "SIGTERM: exit code $code: $(cat err)"
grep -q "stopped; the same command goes on" err && ok || not_ok "it does not say how to go on: $(cat err)"
[ "$(rows line.verdicts/log.csv)" = "$total" ] && ok || not_ok "of $total: $(cut -d , -f 7 line.verdicts/log.csv)"
scores whole/predictions.csv 1-5 > expected
scores line.verdicts/log.csv 7-11 | sed 's|^sub/||' | sort > got
cmp -s expected got && ok || not_ok "other verdicts than predict's: $(diff expected got)"
[ "$(sort told | uniq -d)" = "" ] && [ "$(wc -l < told)" -ge $((total - 4)) ] && [ "$(wc -l < told)" -le "$total" ] \
  && ok || not_ok "commands: $(cat told)"
rejected=$(cut -d , -f 4 whole/predictions.csv | grep -c 'defect\|unknown')
[ "$(find rejects -name '*.png' | wc -l)" = "$rejected" ] && ok || not_ok "rejects: $(find rejects)"
[ "$(find line -name "*.png" | wc -l)" = $((total - rejected)) ] && ok || not_ok "left: $(find line)"
[ "$(find line.verdicts/heatmaps -name '*.png' | wc -l)" = "$rejected" ] && ok || not_ok "$(ls line.verdicts/heatmaps)"
grep '^defect' told | head -n 1 | grep -q ' rejects/.*\.png [a-z]*$' && ok || not_ok "the command's file: $(cat told)"

# Once more nothing is judged; new content is, a touched file is not.
check "once" "$iuf" watch run line --once --settle 0
grep -q "^0 images" out && ok || not_ok "judged again: $(cat out)"
left=$(find line -name '*.png' | head -n 1)
touch "$left"
cp all/"$(ls all | head -n 1)" line/new.png
printf 'not an image' > line/broken.png
"$iuf" watch run line --once --settle 0 --heatmaps none > out 2> err
[ $? = 1 ] && grep -q "^1 image: .* 1 error" out && ok || not_ok "new ones: $(cat out err)"
[ "$(tail -n 1 line.verdicts/log.csv | cut -d , -f 7,10)" = "line/broken.png,error" ] && ok \
  || not_ok "a broken image: $(tail -n 2 line.verdicts/log.csv)"

# A new model from the next image on; one that is damaged is said, and the old one goes on.
model() { tail -n 1 line.verdicts/log.csv | cut -d , -f 2; }
start
before=$(model)
now=$(rows line.verdicts/log.csv)
next() { # next NAME: another image, and its row
  now=$((now + 1))
  cp "all/$(ls all | sed -n "${2}p")" "line/$1.png"
  wait_for $now
}
next a 2
[ "$(model)" = "$before" ] && ok || not_ok "the first model: $(model)"
cp run/model.safetensors kept
"$iuf" calibrate run --false-alarms 20% > /dev/null 2>&1
next b 3
after=$(model)
[ "$after" != "$before" ] && grep -q "the model $after is used from now on" err && ok || not_ok "a new one: $(cat err)"
head -c 5000 kept > cut && mv cut run/model.safetensors
next c 4
[ "$(model)" = "$after" ] && ok || not_ok "after a damaged one: $(model)"
next d 5
[ "$(grep -c "the new model cannot be used, and the one from before goes on: run/model.safetensors" err)" = 1 ] && ok \
  || not_ok "a damaged model: $(cat err)"
mv kept run/model.safetensors
next e 6
[ "$(model)" = "$before" ] && ok || not_ok "the first one again: $(model)"
refused 1 "line.verdicts: another process is working on it" "$iuf" watch run line --once
kill -INT $watching 2> /dev/null
kill -TERM $watching
wait $watching

# A command that fails or hangs is said; names are not read by the shell.
cp all/"$(ls all | sed -n 7p)" 'line/$(touch hacked) `touch hacked`.png'
"$iuf" watch run line --once --settle 0 --exec 'cat > row.json; exit 3' > out 2> err
grep -q "the command ended with exit code 3" err && grep -q '"verdict":"' row.json && ok || not_ok "exit: $(cat err)"
[ -e hacked ] && not_ok "a name was read by the shell" || ok
cp all/"$(ls all | sed -n 8p)" line/slow.png
"$iuf" watch run line --once --settle 0 --exec 'sleep 60' --exec-seconds 0.1 > out 2> err
grep -q "the command was killed: it was not done in time" err && ok || not_ok "a command that hangs: $(cat err)"

# Without events, and wrong ways to call it.
cp all/"$(ls all | sed -n 9p)" line/polled.png
check "by looks alone" "$iuf" watch run line --once --settle 0.1 --poll 0.05
grep -q "^1 image:" out && ok || not_ok "by looks: $(cat out)"
refused 1 "none: no such folder" "$iuf" watch run none
refused 1 "line: is the folder that is watched" "$iuf" watch run line --out line
refused 1 "watch.journal: is of the folder .*/line: name another --out" "$iuf" watch run all --out line.verdicts --once
refused 1 "unknown object 'gaer'" "$iuf" watch run line --object gaer --once
refused 2 "a name that ends with .csv or .jsonl" "$iuf" watch run line --append log.txt
finish
