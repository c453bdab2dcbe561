#!/bin/sh
# The server from the command line: verdicts, a kill, and the history after it. The requests themselves are tested in
# tests/iuf/serve.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

if "$iuf" doctor 2> /dev/null | grep -q "server    none"; then
  refused 1 "this build has no server" "$iuf" serve run
  finish
  exit
fi
make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
refused 2 "serve: --host 0.0.0.0 can be reached from other computers: --token is needed" "$iuf" serve run --host 0.0.0.0
refused 2 "a name that ends with .jsonl is needed" "$iuf" serve run --append log.csv
refused 2 "port" "$iuf" serve run --port 70000
refused 1 "none: " "$iuf" serve none
refused 1 "folder of temporary files" env TMPDIR=/nowhere "$iuf" serve run
command -v curl > /dev/null || { echo "serve_test: without curl no request is tried"; finish; exit; }

start() { # start FLAGS...: waits until it answers at $at
  rm -f address
  mkfifo address
  "$iuf" serve run --port 0 "$@" > address 2> err &
  serving=$!
  read -r at < address
}
image=data/gear/test/good/000.png
check "predict" "$iuf" predict run $image --out found --quiet
score=$(sed 's/.*"score":\([^,]*\),.*/\1/' found/predictions.jsonl)
start
curl -s --data-binary @$image "${at}api/judge?name=first" > answer
grep -q "\"score\":$score," answer && ok || not_ok "another score than predict's, $score: $(cat answer)"
kill -9 $serving
wait $serving 2> /dev/null
[ "$(wc -l < run/verdicts.jsonl)" = 1 ] && ok || not_ok "the log: $(cat run/verdicts.jsonl)"
IUF_TOKEN=secret start
grep -q "verdicts are kept in run/verdicts.jsonl" err && ok || not_ok "$(cat err)"
curl -s "${at}api/verdicts" | grep -q "has another token" && ok || not_ok "answered without the token"
curl -s -H "Authorization: Bearer secret" "${at}api/verdicts" > answer
grep -q "\"id\":null.*\"file\":\"first\".*\"score\":$score," answer && ok || not_ok "after a kill: $(cat answer)"
# Another program changes the model; the server uses it.
"$iuf" calibrate run --false-alarms 20% > /dev/null 2>&1
for _ in $(seq 100); do
  grep -q "is used from now on" err && break
  sleep 0.05
done
curl -s -H "Authorization: Bearer secret" "${at}api/objects" | grep -q '"false_alarms_asked":0.2' && ok \
  || not_ok "the new model is not used: $(cat err)"
kill -TERM $serving
wait $serving
[ $? = 0 ] && grep -q "stopped; the same command goes on" err && ok || not_ok "SIGTERM: $(cat err)"
finish
