#!/bin/sh
# A log of predictions that grows with every call, and images and lists from standard input.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
gear=data/gear/test/good
predict() { "$iuf" predict run --out found --quiet "$@"; }

# Two calls, one log; the rows are those of the tables, and say when and by what.
check "a first call" predict $gear --append log.csv
cp found/predictions.csv first.csv
check "a second call" predict data/biscuit/test/good/000.png --append log.csv --false-alarms 20%
[ "$(wc -l < log.csv)" = 4 ] && ok || not_ok "rows: $(cat log.csv)"
[ "$(head -n 1 log.csv)" = "time,model,model_version,settings,expected,moved_to,$(head -n 1 first.csv)" ] && ok \
  || not_ok "$(head -n 1 log.csv)"
[ "$(sed -n 2,3p log.csv | cut -d , -f 7-)" = "$(sed 1d first.csv)" ] && ok || not_ok "other rows: $(cat log.csv)"
sed 1d log.csv | grep -Evq \
  '^20[0-9-]*T[0-9:]*\.[0-9]{3}Z,[0-9a-f]{16},[0-9]*,program=[0-9.]* method=gaussian image-size=64' && not_ok \
  "$(cat log.csv)" || ok
[ "$(grep -c 'false-alarms=0.2,' log.csv)" = 1 ] && ok || not_ok "the share of false alarms: $(cat log.csv)"
[ "$(sed 1d log.csv | cut -d , -f 2 | sort -u | wc -l)" = 1 ] && ok || not_ok "two models: $(cat log.csv)"
check "JSON lines" predict $gear --object gear --append log.jsonl
row='^{"time":"20.*Z","model":"[0-9a-f]*",.*"settings":"[^"]*","expected":"gear","file":".*}$'
[ "$(grep -c "$row" log.jsonl)" = 2 ] && ok || not_ok "$(cat log.jsonl)"
"$iuf" calibrate run --false-alarms 30% > /dev/null 2>&1
check "another model" predict $gear/000.png --append log.csv
"$iuf" calibrate run --back > /dev/null 2>&1
[ "$(sed 1d log.csv | cut -d , -f 2 | sort -u | wc -l)" = 2 ] && ok || not_ok "one model: $(cat log.csv)"

# What a power cut tore off goes, other files stay as they are.
cp log.csv whole.csv
printf '2026-01-01T00:00:00.000Z,0123' >> log.csv
check "a torn row" predict $gear/000.png --append log.csv
[ "$(head -n 5 log.csv)" = "$(cat whole.csv)" ] && [ "$(wc -l < log.csv)" = 6 ] && ok || not_ok "torn: $(cat log.csv)"
printf 'file,score\na,1\n' > other.csv
cp other.csv kept.csv
refused 1 "other.csv: its first line is not that of this version's logs: name another file" predict $gear --append \
  other.csv
cmp -s other.csv kept.csv && ok || not_ok "another table was changed"
printf 'no line' > note.jsonl
refused 1 "note.jsonl: holds something else than lines" predict $gear --append note.jsonl
refused 2 "'log.txt': a log is a table or JSON lines: a name that ends with .csv or .jsonl" predict $gear --append \
  log.txt
refused 1 "cannot write: No such file" predict $gear --append nowhere/log.csv

# A call that is killed between the rows and its end adds nothing twice; one that is killed before adds them once.
mkfifo pipe.png
"$iuf" predict run $gear pipe.png --out cut --append cut.csv --threads 1 > /dev/null 2>&1 &
predicting=$!
for _ in $(seq 60); do
  [ "$(cat cut/predictions.partial.jsonl 2> /dev/null | wc -l)" = 3 ] && break
  sleep 0.25
done
kill -9 $predicting
wait $predicting 2> /dev/null
[ "$(wc -l < cut.csv)" = 1 ] && ok || not_ok "rows of an unfinished call: $(cat cut.csv)"
rm pipe.png
cp $gear/001.png pipe.png
cp -r cut again
check "going on" "$iuf" predict run $gear pipe.png --out cut --append cut.csv
[ "$(wc -l < cut.csv)" = 4 ] && ok || not_ok "rows of the whole call: $(cat cut.csv)"
sed -i '$d' cut.csv
check "going on, rows there" "$iuf" predict run $gear pipe.png --out again --append cut.csv
[ "$(wc -l < cut.csv)" = 4 ] && [ "$(sort -u cut.csv | wc -l)" = 4 ] && ok || not_ok "twice: $(cat cut.csv)"

# Standard input: an image, or names.
check "an image" predict - --append piped.csv < $gear/000.png
[ "$(sed -n 2p found/predictions.csv | cut -d , -f 2-5)" = "$(sed -n 2p first.csv | cut -d , -f 2-5)" ] && ok \
  || not_ok "another score from standard input: $(cat found/predictions.csv)"
[ -s found/heatmaps/standard_input.png ] && ok || not_ok "no heatmap: $(ls found/heatmaps)"
printf '%s\n' $gear/000.png $gear/001.png > names.txt
check "names" predict --list - < names.txt
[ "$(cut -d , -f 1-5 found/predictions.csv)" = "$(cut -d , -f 1-5 first.csv)" ] && ok \
  || not_ok "names: $(cat found/*.csv)"
cp $gear/000.png 'a,b
c.png'
printf '%s\0' 'a,b
c.png' $gear/001.png > names.txt
check "names with zero bytes" predict --list - < names.txt
[ "$(sed 1d found/predictions.csv | cut -d , -f 2- | wc -l)" = 2 ] && grep -q '"a,b\\x0ac.png",' found/predictions.csv \
  && ok || not_ok "zero bytes: $(cat found/predictions.csv)"
printf 'path,object\n%s,gear\n' $gear/000.png > names.txt
check "a table" predict --list - < names.txt
printf '%s\nnone.png\n' $gear/000.png > names.txt
refused 1 "names.txt: line 2: no such file: 'none.png'" predict --list names.txt
refused 2 "standard input is an image or a list of images" predict - --list - < names.txt
refused 1 "standard input: holds nothing" predict - < /dev/null
refused 1 "-: " predict - < names.txt
finish
