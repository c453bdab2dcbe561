#!/bin/sh
# Verdicts at an MQTT broker: all of them, in the words of the log, also when it goes away in between.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

refused 2 "'a:0': the port is a number from 1 to 65535" "$iuf" watch run line --mqtt a:0
refused 2 "HOST or HOST:PORT is needed" "$iuf" serve run --mqtt mqtt://a
refused 2 "topics cannot begin with this" "$iuf" watch run line --mqtt a --mqtt-topic 'iuf/#'
refused 2 "mqtt-topic requires --mqtt" "$iuf" watch run line --mqtt-topic works
mkdir line
make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
if "$iuf" doctor 2> /dev/null | grep -q "MQTT      none"; then
  refused 1 "this build has no MQTT: it was built without libmosquitto" "$iuf" watch run line --mqtt localhost
  finish
  exit
fi
refused 1 "none: " "$iuf" watch run line --mqtt localhost --mqtt-login none
printf '\nsecret\n' > login
refused 1 "login: the first line is the user's name" "$iuf" watch run line --mqtt localhost --mqtt-login login
refused 1 "none.pem: no such file" "$iuf" watch run line --mqtt localhost --mqtt-ca none.pem

# A name that is none, and a port where nobody is: verdicts all the same, and it ends.
cp data/gear/test/good/000.png line/first.png
start=$(date +%s)
"$iuf" watch run line --once --settle 0 --mqtt no-such-host.invalid > out 2> err
[ $? = 1 ] && grep -q "^1 image:" out && grep -q "mqtt: no-such-host.invalid:1883 is away" err &&
  grep -q "never got 1 message; the log has all verdicts" err && ok || not_ok "a wrong name: $(cat out err)"
[ $(($(date +%s) - start)) -lt 60 ] && ok || not_ok "a wrong name took $(($(date +%s) - start)) s"

broker=$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mosquitto)
if [ -z "$broker" ] || ! command -v mosquitto_sub > /dev/null; then
  echo "mqtt_test: no broker is tried without mosquitto and mosquitto_sub"
  finish || exit 1
  exit 77
fi
# start_broker [CONFIGURATION LINES]: at a free port of this computer, or at $port where that is set.
start_broker() {
  for _ in $(seq 20); do
    at=${port:-$(od -A n -t u2 -N 2 /dev/urandom | awk '{ print 20000 + $1 % 40000 }')}
    printf '%s\n' "listener $at 127.0.0.1" "user $(id -un)" "${@:-allow_anonymous true}" > broker.conf
    : > broker.log  # before it starts: an earlier one's "running" is not its own
    "$broker" -c broker.conf >> broker.log 2>&1 &
    brokering=$!
    for _ in $(seq 100); do
      grep -q "mosquitto version .* running" broker.log && port=$at && return
      kill -0 $brokering 2> /dev/null || break
      sleep 0.05
    done
    kill $brokering 2> /dev/null
    wait $brokering 2> /dev/null
  done
  not_ok "the broker does not start: $(cat broker.log)"
  finish
  exit 1
}
# listen FILE FLAGS...: what comes is added to FILE, "TOPIC MESSAGE" a line.
listen() {
  file=$1
  shift
  mosquitto_sub -h 127.0.0.1 -p "$port" -F '%t %p' "$@" >> "$file" 2> /dev/null &
  listening=$!
}
# comes FILE PATTERN COUNT: that many lines of the file match within 20 s.
comes() {
  for _ in $(seq 400); do
    [ "$(grep -c -e "$2" "$1")" -ge "$3" ] && return
    sleep 0.05
  done
  false
}
end() { # end PROCESS SIGNAL
  kill "-$2" "$1" 2> /dev/null
  wait "$1" 2> /dev/null
}
trap 'kill $brokering $listening $watching 2> /dev/null; rm -rf "$work"' EXIT

# Every verdict of a folder, in the words of the log.
port=""
start_broker
for file in data/biscuit/test/*/*.png data/gear/test/*/*.png; do
  cp "$file" "line/$(echo "$file" | tr / _)"
done
total=$(ls line | wc -l)
rm -rf line.verdicts
listen got -t '#'
comes broker.log "New client connected" 1
"$iuf" watch run line --settle 0.2 --append log.jsonl --mqtt "127.0.0.1:$port" --mqtt-topic works/line7 > out 2> err &
watching=$!
comes got '^works/line7/[a-z]* {' "$total" && ok || not_ok "of $total verdicts: $(cat got err)"
comes got '^works/line7/status online$' 1 && ok || not_ok "it is not online: $(cut -c 1-80 got)"
grep -v status got | sed 's/^[^ ]* //' | sort > messages
sort log.jsonl | cmp -s - messages && ok || not_ok "other messages than rows: $(sort log.jsonl | diff - messages)"
objects() { sed 's/.*"object":"\([^"]*\)".*/\1/' "$1" | sort | uniq -c; }
[ "$(grep -v status got | sed 's/ .*//; s/.*\///' | sort | uniq -c)" = "$(objects log.jsonl)" ] && ok \
  || not_ok "topics: $(cut -c 1-80 got)"
# An image that cannot be read.
printf 'not an image' > line/broken.png
comes got '^works/line7/error {.*broken.png' 1 && ok || not_ok "no message of an error: $(cut -c 1-80 got)"

# The broker is killed: verdicts go on; it comes again: so do the messages, the same ones.
end $brokering KILL
end $listening TERM
comes err "mqtt: 127.0.0.1:$port is away: .*; verdicts go on, and messages wait for it" 1 && ok || not_ok "$(cat err)"
before=$(wc -l < log.jsonl)
for name in 1 2 3 4 5; do cp "data/gear/train/good/00$name.png" "line/while_away_$name.png"; done
comes log.jsonl while_away 5 && ok || not_ok "no verdicts without a broker: $(tail -n 3 log.jsonl)"
[ "$(wc -l < log.jsonl)" = $((before + 5)) ] && ok || not_ok "rows: $(tail -n 7 log.jsonl)"
# It looks away until somebody listens, as the broker keeps no message.
kill -STOP $watching
start_broker
listen again -t '#'
comes broker.log "New client connected" 1
sleep 0.2
kill -CONT $watching
comes again while_away 5 && ok || not_ok "what waited does not come: $(cat again)"
grep while_away again | sed 's/^[^ ]* //' > messages
grep while_away log.jsonl | cmp -s - messages && ok || not_ok "other messages than rows: $(cat messages)"
comes err "is back; no message was dropped" 1 && ok || not_ok "it is not said to be back: $(cat err)"
cp data/gear/test/good/001.png line/afterwards.png
comes again afterwards 1 && ok || not_ok "nothing comes any more: $(cat again err)"
[ "$(grep -c "is away.*verdicts go on" err)" = 1 ] && ok || not_ok "said again: $(cat err)"
end $watching TERM
comes again "status offline" 1 && ok || not_ok "it does not say goodbye: $(cat again)"
grep -q "never got" err && not_ok "messages are lost: $(cat err)" || ok

# What waits at the end is sent: nothing is lost between the last verdict and the end.
rm -rf line.verdicts
"$iuf" watch run line --once --settle 0 --mqtt "127.0.0.1:$port" --mqtt-topic once > out 2> err
comes again '^once/.* {' "$((before + 6))" && ok || not_ok "of $((before + 6)) verdicts: $(cat out err)"
# A process that is killed is offline by its last will, although a command that it began still runs.
"$iuf" watch run line --settle 0.2 --mqtt "127.0.0.1:$port" --mqtt-topic killed --exec 'sleep 30' > out 2> err &
watching=$!
cp data/gear/test/good/000.png line/last.png
comes again '^killed/gear {.*last.png' 1 && ok || not_ok "before it is killed: $(cat again err)"
end $watching KILL
comes again '^killed/status offline' 1 && ok || not_ok "the last will: $(grep killed again | cut -c 1-80)"

# Names that would mean something else in a topic.
mkdir 'data/status' 'data/a+b#c%'
cp -r data/gear/train/good data/status/good
cp -r data/biscuit/train/good 'data/a+b#c%/good'
for name in status 'a+b#c%'; do
  check "adding $name" "$iuf" train "data/$name" --out "run_$name" --method gaussian --quiet --image-size 64 --grid 4
  mkdir "line_$name"
  cp "data/$name/good/000.png" "line_$name/x.png"
  "$iuf" watch "run_$name" "line_$name" --once --settle 0 --mqtt "127.0.0.1:$port" --mqtt-topic names > out 2> err
done
comes again '^names/%73tatus {.*"object":"status"' 1 && ok || not_ok "an object called status: $(tail -n 5 again)"
comes again '^names/a%2Bb%23c%25 {.*"object":"a+b#c%"' 1 && ok || not_ok "hostile names: $(tail -n 5 again)"
end $listening TERM

# Login: a wrong password is said; a right one is not seen in the list of processes.
end $brokering TERM
port=""
printf 'inspector:secret word\n' > passwords
chmod 600 passwords
mosquitto_passwd -U passwords
start_broker "allow_anonymous false" "password_file $work/passwords"
listen secret -t '#' -u inspector -P "secret word"
comes broker.log "New client connected" 1
printf 'inspector\nwrong\n' > login
cp data/gear/test/good/001.png line/login.png
"$iuf" watch run line --settle 0.2 --mqtt "127.0.0.1:$port" --mqtt-login login > out 2> err &
watching=$!
comes err "is away: .*[Nn]ot authori.ed" 1 && ok || not_ok "a wrong password: $(cat err)"
end $watching TERM
printf 'inspector\r\nsecret word\r\n' > login
cp data/gear/train/good/001.png line/login2.png
"$iuf" watch run line --once --settle 0 --mqtt "127.0.0.1:$port" --mqtt-login login > out 2> err
[ $? = 0 ] && comes secret '^iuf/gear {.*login2.png' 1 && ok || not_ok "a login: $(cat err secret)"
end $listening TERM
end $brokering TERM

# TLS: a certificate that the named one has signed, and another one.
if command -v openssl > /dev/null; then
  for name in ours others; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -out $name.pem -days 2 -subj /CN=$name \
      -addext subjectAltName=IP:127.0.0.1 2> /dev/null
  done
  port=""
  start_broker "allow_anonymous true" "certfile $work/ours.pem" "keyfile $work/ours.key"
  cp data/gear/train/good/002.png line/tls.png
  "$iuf" watch run line --settle 0.2 --mqtt "127.0.0.1:$port" --mqtt-ca others.pem > out 2> err &
  watching=$!
  comes err "is away: .*certificate" 1 && ok || not_ok "another certificate: $(cat err broker.log)"
  end $watching TERM
  cp data/gear/train/good/003.png line/tls2.png
  mosquitto_sub -h 127.0.0.1 -p "$port" --cafile ours.pem -F '%t %p' -t '#' > tls 2> /dev/null &
  listening=$!
  comes broker.log "New client connected .* as" 1
  "$iuf" watch run line --once --settle 0 --mqtt "127.0.0.1:$port" --mqtt-ca ours.pem > out 2> err
  [ $? = 0 ] && comes tls '^iuf/gear {.*tls2.png' 1 && ok || not_ok "TLS: $(cat err tls)"
  end $listening TERM
  end $brokering TERM
fi

# The server.
if ! "$iuf" doctor 2> /dev/null | grep -q "server    none" && command -v curl > /dev/null; then
  port=""
  start_broker
  listen served -t '#'
  comes broker.log "New client connected" 1
  mkfifo address
  "$iuf" serve run --port 0 --append served.jsonl --mqtt "127.0.0.1:$port" > address 2> err &
  watching=$!
  read -r at < address
  for _ in 1 2 3; do curl -s --data-binary @data/gear/test/good/000.png "${at}api/judge?name=x" > answer; done
  comes served '^iuf/gear {' 3 && ok || not_ok "the server's verdicts: $(cat served err)"
  grep -v status served | sed 's/^[^ ]* //' | cmp -s - served.jsonl && ok \
    || not_ok "other messages than rows: $(cat served)"
  end $watching TERM
  comes served 'status offline' 1 && ok || not_ok "the server says no goodbye: $(cat served)"
fi
finish
