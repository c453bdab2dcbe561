#!/bin/sh
# A file name in Latin-1 made predictions.csv invalid UTF-8 as a whole: any byte in a name is carried, in one escape
# that gives the very name back, and no name can break a table or a message.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

utf8() {
  iconv -f utf-8 -t utf-8 "$2" > /dev/null 2>&1 && ok || not_ok "$1: not UTF-8: $(od -c "$2" | head)"
  LC_ALL=C tr -d '\n' < "$2" | LC_ALL=C grep -q '[[:cntrl:]]' && not_ok "$1: control characters: $(cat -v "$2")" || ok
}
# The bytes that an escaped name stands for, and a point, which keeps a line end at the end.
unescape() {
  printf '%b.' "$(printf '%s\n' "$1" | awk '{
    for (i = 1; i <= length($0); ++i) {
      c = substr($0, i, 1)
      if (c == "\\" && substr($0, i + 1, 1) == "x") {
        value = 0
        for (d = i + 2; d < i + 4; ++d) value = value * 16 + index("0123456789abcdef", substr($0, d, 1)) - 1
        printf "\\0%03o", value
        i += 3
      } else if (c == "\\") {
        printf "\\0134"
        ++i
      } else printf "%s", c
    }
  }')"
}

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
mkdir odd
image=data/gear/test/good/000.png
n=0
for name in 'caf\351' 'line\nfeed' 'tab\there' 'quote"d' "it's" 'comma, semi;' 'back\\\\slash' 'back\\\\xe9' \
  'bell\007' 'esc\033[31m' '\303\274ber' '\377\376' 'cut\342\202' 'turn\342\200\256gnp'; do
  n=$((n + 1))
  cp "$image" "odd/$(printf "$name").png"
done
[ "$(ls odd | wc -l)" -ge $n ] && ok || not_ok "the names are not there"
# By name, as the shell gives them.
"$iuf" predict run odd/* --out found > out 2> err
[ $? = 0 ] && ok || not_ok "by name: $(cat err)"
for file in found/predictions.csv found/predictions.jsonl out err; do utf8 "by name" $file; done
[ "$(grep -c , found/predictions.csv)" = $((n + 1)) ] && ok || not_ok "rows: $(cat found/predictions.csv)"
[ "$(wc -l < found/predictions.jsonl)" = $n ] && ok || not_ok "lines: $(cat found/predictions.jsonl)"
[ "$(grep -c ',gear,' found/predictions.csv)" = $n ] && ok || not_ok "scores: $(cat found/predictions.csv)"
ls found/heatmaps > heatmaps
[ "$(wc -l < heatmaps)" = $n ] && ok || not_ok "heatmaps: $(cat heatmaps)"
utf8 "heatmaps" heatmaps
# Every row's name leads back to a file.
sed 1d found/predictions.csv | sed 's/^"\(\([^"]\|""\)*\)",.*/\1/; s/""/"/g; t; s/,.*//' > names
while IFS= read -r name; do
  file=$(unescape "$name")
  [ -f "${file%.}" ] && ok || not_ok "the name '$name' leads to no file"
done < names

# What is wrong with such a file is told in UTF-8 and on one line, wherever the name stands.
printf 'x' > "$(printf 'bad\351\n\033.png')"
"$iuf" predict run "$(printf 'bad\351\n\033.png')" "$(printf 'gone\377.png')" --out bad > out 2> err
[ $? = 1 ] && [ "$(wc -l < err)" = 2 ] && ok || not_ok "broken images: $(cat -v err)"
for file in bad/predictions.csv bad/predictions.jsonl err; do utf8 "broken images" $file; done
grep -q 'bad\\xe9\\x0a\\x1b.png' err && ok || not_ok "the name in a message: $(cat -v err)"
odd_name=$(printf 'no\351')
for command in "predict $odd_name" "eval $odd_name data" "info $odd_name" "train $odd_name --out x" "report $odd_name" \
  "predict run $image --out found --$(printf 'fl\351g')" "$(printf 'comm\351nd')"; do
  "$iuf" $command > out 2> err && not_ok "$command: no error" || ok
  utf8 "$(printf '%s' "$command" | tr -cd '[:alnum:] ')" err
done
# The output folder too.
"$iuf" predict run "$image" --out "$(printf 'out\351')" > out 2> err
[ $? = 0 ] && [ -f "$(printf 'out\351')/predictions.csv" ] && ok || not_ok "an odd folder: $(cat -v err)"
utf8 "an odd folder" out

# eval carries names the same way.
if [ -z "$("$iuf" predict run odd --out folder --quiet 2>&1 > /dev/null)" ]; then
  cp odd/*.png data/gear/test/good/
  "$iuf" eval run data --csv scores.csv --quiet > out 2> err
  [ $? = 0 ] && ok || not_ok "eval: $(cat err)"
  utf8 "eval" scores.csv
fi

finish
