#!/bin/sh
# predict gives the scores that eval gives, for PNG and JPEG, alone, together and in any order, for any number of
# threads.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
cp "$golden/pattern.jpg" data/gear/test/good/zz.jpg
cp "$golden/pattern.png" "data/gear/test/good/a, \"b\".png"
check "training" "$iuf" train data --steps "biscuit,capsule; gear" --out run $tiny
check "eval" "$iuf" eval run data --csv scores.csv --quiet
for label in 0 1; do
  expected=$(awk -F , -v label=$label \
    '$1 == "biscuit" && $3 == label { all++; above += $7 == "defect" } END { print above + 0 " of " all }' scores.csv)
  grep "^biscuit  .* of " out | grep -q " $expected " && ok || not_ok "eval does not say $expected: $(cat out)"
done

# File and score of each row; of eval's file the score is column 5 (none of the quoted names holds more than one comma).
columns() {
  awk -F , -v file="$2" -v score="$3" 'NR > 1 {
    shift = gsub(/"/, "") ? 1 : 0
    print $file, $(score + shift)
  }' "$1" | sort
}
columns scores.csv 2 5 > expected
test "$(wc -l < expected)" -ge 20 && ok || not_ok "eval scored only $(wc -l < expected) images"
same() {
  columns "$2/predictions.csv" 1 2 > got
  join expected got > both
  [ "$(wc -l < both)" = "$3" ] || not_ok "$1: $(wc -l < both) of $3 images are in both"
  awk '{ d = $2 - $3; if (d < 0) d = -d; if (d > 1e-6 * ($2 < 0 ? -$2 : $2)) { print; bad = 1 } } END { exit bad }' \
    both &&
    ok || not_ok "$1: scores differ from eval's"
}
all=$(wc -l < expected)
check "all at once" "$iuf" predict run data/biscuit/test data/capsule/test data/gear/test --out all --quiet
same "all at once" all "$all"
check "on two threads" "$iuf" predict run data/gear/test data/capsule/test data/biscuit/test --out two --quiet \
  --threads 2
same "on two threads, in another order" two "$all"
# Names of heatmaps go by the order; all else is the same.
sed 's/heatmaps.*//' all/predictions.csv | sort > sorted_all
sed 's/heatmaps.*//' two/predictions.csv | sort > sorted_two
cmp sorted_all sorted_two && ok || not_ok "the order or the threads change a row"
for file in data/gear/test/good/zz.jpg "data/gear/test/good/a, \"b\".png" data/capsule/test/good/001.png; do
  check "one by one" "$iuf" predict run "$file" --out one --quiet --no-heatmaps
  tail -n 1 one/predictions.csv | cut -d , -f 1-6 > alone
  grep -F "$(sed 's/^[^"]*"\?data/data/; s/,.*//' alone)" all/predictions.csv | cut -d , -f 1-6 > among
  cmp alone among && ok || not_ok "$file alone: $(cat alone); among others: $(cat among)"
done

# The other outputs.
[ "$(grep -c '"verdict":"\(ok\|defect\|unknown\)"' all/predictions.jsonl)" = "$all" ] && ok \
  || not_ok "JSON lines are missing"
[ "$(find all/heatmaps -name '*.png' | wc -l)" = "$all" ] && ok \
  || not_ok "there are $(find all/heatmaps -name '*.png' | wc -l) heatmaps"
# Width and height stand in bytes 16 to 23 of a PNG.
size() { od -A n -t u1 -j 16 -N 8 "$1" | tr -s ' '; }
[ "$(size "all/heatmaps/good_a, \"b\".png")" = "$(size "$golden/pattern.png")" ] && ok \
  || not_ok "a heatmap has another size than its image"
check "jsonl alone" "$iuf" predict run data/gear/test/good --out jsonl --format jsonl --no-heatmaps --quiet
[ "$(ls jsonl)" = predictions.jsonl ] && ok || not_ok "--format jsonl --no-heatmaps makes: $(ls jsonl)"
check "a folder that holds the output" "$iuf" predict run . --out ./again --quiet
check "once more" "$iuf" predict run . --out ./again --quiet
# What cannot be read keeps nothing else from being scored.
mkdir -p mixed/ground_truth mixed/sub
cp data/gear/test/good/000.png mixed/
cp data/gear/test/good/001.png mixed/ground_truth/
cp data/gear/test/good/001.png "mixed/sub/$(printf '%0240d' 7).png"
echo x > mixed/scan.tiff
ln -s nowhere mixed/gone.png
mkfifo mixed/pipe.png
"$iuf" predict run mixed --out mixed_out --quiet > out 2> err
[ $? = 1 ] && grep -q '^2 images: .* 3 not read' out && ok || not_ok "a mixed folder: $(cat out err)"
grep -q 'scan.tiff: not a PNG, JPEG' err && grep -q 'gone.png: the link leads nowhere' err \
  && grep -q 'pipe.png: cannot be read' err && ok || not_ok "a mixed folder: $(cat err)"
[ "$(ls mixed_out/heatmaps | wc -l)" = 2 ] && ok || not_ok "a long name has no heatmap: $(ls mixed_out/heatmaps)"
rm -r mixed
check "a folder that is the output" "$iuf" predict run data/gear/test/good --out data/gear/test/good --quiet
check "once more" "$iuf" predict run data/gear/test/good --out data/gear/test/good --quiet
[ "$(wc -l < data/gear/test/good/predictions.csv)" = 5 ] && ok \
  || not_ok "images beside the output: $(cat data/gear/test/good/predictions.csv)"
check "a heatmap by name" "$iuf" predict run again/heatmaps/*zz.png --out again --quiet
refused 1 "again/heatmaps: holds no images but heatmaps" "$iuf" predict run again/heatmaps --out again --quiet
check "once more" "$iuf" predict run . --out ./again --quiet
grep -q again/ again/predictions.csv && not_ok "an earlier output is taken for input" || ok

finish
