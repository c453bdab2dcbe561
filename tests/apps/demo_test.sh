#!/bin/sh
# The demo in small: data, both methods, the comparison and a report that a browser opens; it goes on where it was.
. "$(dirname "$0")/support.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$work" || exit 1

demo="$iuf demo demo $tiny --size 64 --train 4 --test-good 2 --per-defect 1 --seed 3"
check "demo" $demo
cp out first
for word in '^IUF ' '^IUF, fine-tuned' '^UniAD ' '^UniAD + EWC ' '^PatchCore ' '^coreset ' '^ACC ' '^FM ' \
  'report.html$'; do
  grep -q "$word" first && ok || not_ok "the demo's output lacks $word: $(cat first)"
done
for name in fine-tuned UniAD EWC PatchCore coreset; do
  grep -q "$name.*</th>" demo/iuf/report.html && ok || not_ok "the report lacks $name"
done
grep -q "id='heatmaps'" demo/iuf/report.html && ok || not_ok "the report lacks the heatmaps of all methods"
check "the demo again" $demo
cmp first out && ok || not_ok "the demo says something else when it is run again"
rm -r demo/finetune
check "the demo with a part missing" $demo
# But for seconds and memory.
measured() { sed 's/ *[0-9]* s\( .*\)\{0,1\}$//' "$1"; }
measured first > expected
measured out | cmp - expected && ok || not_ok "the demo does not come out the same: $(cat out)"
check "the report again" "$iuf" report demo/iuf
check "what the model holds" "$iuf" info demo/iuf
check "eval as JSON" "$iuf" eval demo/iuf demo/data --json --record $(echo "$tiny" | grep -o -e '--quiet --threads 1')

"$root/tests/report_browser.sh" demo/iuf/report.html > browser 2>&1
case $? in
  0) ok ;;
  77) cat browser ;;
  *) not_ok "the report in a browser: $(cat browser)" ;;
esac

# Ctrl-C says that nothing is lost.
if env --default-signal=INT true 2> /dev/null; then
  env --default-signal=INT "$iuf" demo again $tiny --size 64 --train 4 --test-good 2 --per-defect 1 --epochs 1000000 > \
    out 2> err &
  pid=$!
  while kill -0 $pid 2> /dev/null && ! [ -e again/iuf/run.json ]; do :; done
  kill -INT $pid
  wait $pid
  code=$?
  [ $code = 130 ] && grep -q 'iuf: interrupted; .*the same command goes on' err && ok \
    || not_ok "interrupted: exit code $code, $(cat err)"
else
  echo "skipped: Ctrl-C (env cannot reset signals)"
fi
finish
