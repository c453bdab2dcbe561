#!/bin/sh
# The program in one file runs and serves in an empty root, and scores as the other one does (symbols_test.sh: what
# it needs).
. "$(dirname "$0")/support.sh"
static=$(dirname "$iuf")/iuf_static
cd "$work" || exit 1

if [ ! -x "$static" ]; then
  echo "the program in one file was not built: some libraries are not there as archives"
  finish
  exit $((failed > 0 ? 1 : 77))
fi
make_data data
check "training" "$iuf" train data --steps "biscuit,gear" --out run $tiny --method gaussian
check "training" "$static" train data --steps "biscuit,gear" --out run_static $tiny --method gaussian
cmp -s run/model.safetensors run_static/model.safetensors && ok || not_ok "the program in one file learns otherwise"
check "predict" "$iuf" predict run data/gear/test --out found --quiet
check "predict" "$static" predict run data/gear/test --out found_static --quiet
diff -r found found_static > differ && ok || not_ok "the program in one file judges otherwise: $(head -3 differ)"

# An empty root: nothing but the program, a model and a photograph.
mkdir root
cp "$static" root/iuf
cp -r run/model.safetensors data/gear/test/good/000.png root/
score=$(awk -F , '$1 ~ /good\/000.png$/ { print $2 }' found/predictions.csv)
in_root="unshare -r chroot root /iuf"
if unshare -rn chroot root /iuf --version > out 2>&1; then
  check "an empty root without a network" unshare -rn chroot root /iuf predict model.safetensors 000.png --out found
  [ -n "$score" ] && grep -qF ",$score," root/found/predictions.csv && ok \
    || not_ok "in an empty root: $(tail -1 root/found/predictions.csv) instead of $score"
else
  echo "no new root can be made here, the program is not tried in one: $(tail -1 out)"
  in_root="env -C root ./iuf"
fi

# The same by HTTP.
server() { "$1" doctor 2> /dev/null | grep "^ok    server"; }
[ "$(server "$iuf")" = "$(server "$static")" ] && ok || not_ok "the server is another: $(server "$static")"
if server "$static" | grep -q none || ! command -v curl > /dev/null; then
  echo "there is no server or no curl: no request is tried"
  finish
  exit
fi
mkfifo address
mkdir root/tmp  # for images that are learned from
$in_root serve model.safetensors --port 0 > address 2> err &
serving=$!
read -r at < address
curl -s --data-binary @root/000.png "${at}api/judge?name=000.png" > answer
grep -qF "\"score\":$score," answer && ok || not_ok "by HTTP: $(cat answer) instead of $score"
curl -s "$at" | grep -q "<!DOCTYPE html>" && ok || not_ok "the program in one file shows no page"
kill -TERM $serving
wait $serving && ok || not_ok "the server in one file ended with $?: $(cat err)"
finish
