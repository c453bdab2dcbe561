#!/bin/bash
# What a failing disk and a killed process leave: every file operation of a small train, add, update, calibrate,
# predict, compare, watch and serve fails once in each way, is done in half, and is the last one before SIGKILL or
# SIGTERM (shim.cpp). Whatever happens, the command says one clear line or none, what was there before is whole, and
# the same command again ends with the bits of a run that nothing disturbed, without a temporary file.
#
#   faults.sh PROGRAM SHIM [short | each PLACES | long | random COUNT] [COMMAND...]
#
# short takes one kind of failure for an operation at two places, each every kind at so many, long every kind
# everywhere, random kills COUNT times before any operation. The last lines are rows of the table in
# docs/reliability.md: command, operation, failure -> tries -> lost.
iuf=$(realpath "$1") shim=$(realpath "$2") mode=${3:-short}
shift 3
count=200
case $mode in each | random) count=$1; shift ;; esac
[ $# -gt 0 ] || set -- train add update calibrate predict compare watch serve
wanted=" $* "
[ -w /dev/shm ] && TMPDIR=/dev/shm
work=$(TMPDIR=${TMPDIR:-/tmp} mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export OMP_NUM_THREADS=1
failed=0 passed=0
declare -A tries lost

"$iuf" synth data --quiet --size 64 --train 4 --test-good 1 --per-defect 1 --objects biscuit,gear > /dev/null || exit 1
"$iuf" synth more --quiet --size 64 --train 4 --test-good 1 --per-defect 1 --objects wood > /dev/null
"$iuf" synth later --quiet --size 64 --train 4 --test-good 1 --per-defect 1 --objects gear --seed 5 > /dev/null
mkdir line
for file in data/gear/test/*/*.png; do cp "$file" "line/$(echo "$file" | tr / _)"; done
tiny="--quiet --threads 1 --image-size 64 --grid 4 --hidden 16 --heads 2 --encoder-layers 1 --decoder-layers 1
  --feed-forward 16 --epochs 3 --increment-epochs 2 --batch 3 --views coarse --checkpoint-seconds 0"

# Each command works in a folder of its own, which `prepare` fills; `ends` prints what must be the same at the end.
declare -A command=(
  [train]="$iuf train ../data --steps biscuit;gear $tiny --out run"
  [add]="$iuf add model ../more/wood --quiet --threads 1 --cache cache --checkpoint-seconds 0"
  [update]="$iuf update model ../later/gear --object gear --quiet --threads 1 --cache cache --checkpoint-seconds 0"
  [compare]="$iuf compare ../data --steps biscuit;gear --methods gaussian --jobs 1 --quiet --threads 1
    --image-size 64 --grid 4 --views coarse --out compared"
  [watch]="$iuf watch model line --once --settle 0 --out judged --move-rejects rejects --quiet --threads 1"
  [serve]="serve"
  [calibrate]="$iuf calibrate model --false-alarms 2% --quiet"
  [predict]="$iuf predict model ../data/gear/test --out found --format both --quiet --threads 1"
)
prepare() {
  rm -rf case
  mkdir case
  case $1 in
    train | compare) ;;
    *) cp trained/run/model.safetensors case/model ;;
  esac
  [ "$1" != watch ] || cp -r line case/line
}
ends() {
  case $1 in
    train) cat run/model.safetensors run/scores.csv; (cd run/gallery && cat $(ls)) ;;
    add | update | calibrate) cat model ;;
    compare) cat compared/comparison_objects.csv compared/*/model.safetensors ;;
    # Every image once, and in its place. When it is judged, and so its number, may be another.
    watch)
      cut -d , -f 2- judged/log.csv | sed 's|heatmaps/[0-9]*-|heatmaps/|' | sort
      find line rejects -type f | sort
      (cd judged/heatmaps && for file in *; do echo "${file#*-} $(cksum < "$file")"; done) | sort ;;
    serve) sed -n 's/.*"file":"\([^"]*\)".*"score":\([^,]*\),.*/\1 \2/p' verdicts.jsonl | sort -u; cat model ;;
    predict) (cd found && cat $(find . -type f ! -name '.iuf-*' | sort)) ;;
  esac | cksum
}
# Standard error of a shell that tells what was killed.
exec 3>&2 2> /dev/null
# A command that was complete may say so when it is given again.
is_done='already (in the model|knows)|has this share|is set to|nothing to change|learned from already'
# A server that is asked for three verdicts and another threshold, and stopped. What it did not answer is asked again.
serve() {
  local serving at file number=0 preload=$LD_PRELOAD
  unset LD_PRELOAD
  rm -f address
  LD_PRELOAD=$preload "$iuf" serve model --port 0 --threads 1 --quiet > address &
  serving=$!
  for ((i = 0; i < 400; ++i)); do
    read -r at < address && break
    kill -0 $serving 2> /dev/null || break
    sleep 0.01
  done
  for file in ../line/*good*.png ../line/*missing*.png; do
    [ -n "$at" ] && [ -e "$file" ] || continue
    number=$((number + 1))
    [ -e "answer-$number" ] && grep -q '"verdict":' "answer-$number" && continue
    curl -s -m 20 --data-binary "@$file" "${at}api/judge?name=$number" -o "answer-$number"
  done
  [ -n "$at" ] && curl -s -m 20 -X POST -d '{"false_alarms": 0.02}' "${at}api/calibrate" -o calibrated
  kill -TERM $serving 2> /dev/null
  wait $serving
}
# One try: FAULT SIGNALS-ALLOWED...
try() {
  local name=$1 fault=$2 before=none code again now
  prepare "$name"
  [ -e case/model ] && before=$(cksum < case/model)
  tries[$name ${fault%%:*} ${fault##*:}]=$((${tries[$name ${fault%%:*} ${fault##*:}]:-0} + 1))
  (cd case && FAULT=$fault FAULT_ROOT=$work LD_PRELOAD=$shim ${command[$name]} > ../out 2> ../err)
  code=$?
  local wrong=""
  case $fault:$code in
    *:KILL:137 | *:TERM:130 | *:INT:130 | *:0) ;;
    *:short:* | *:EINTR:*) wrong="ended with $code instead of 0" ;;
    *:1) [ "$(grep -c '^iuf: error: ' err)" = 1 ] || wrong="did not say one error" ;;
    *) wrong="ended with $code" ;;
  esac
  if [ -e case/model ]; then
    now=$(cksum < case/model)
    [ "$now" = "$before" ] || [ "$now" = "${model_after[$name]}" ] || wrong="$wrong; the model is neither old nor new"
  fi
  if [ "$code" != 0 ] || [ "$name" != calibrate ]; then
    (cd case && ${command[$name]} > ../out2 2> ../err2)
    again=$?
    [ $again = 0 ] || grep -Eq "$is_done" err2 || wrong="$wrong; again: ended with $again: $(tail -1 err2)"
  fi
  now=$(cd case && ends "$name")
  [ "$now" = "${result[$name]}" ] || wrong="$wrong; other bits at the end"
  [ -z "$(find case -name '.iuf-*')" ] || wrong="$wrong; a temporary file stays: $(find case -name '.iuf-*')"
  if [ -z "$wrong" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    lost[$name ${fault%%:*} ${fault##*:}]=$((${lost[$name ${fault%%:*} ${fault##*:}]:-0} + 1))
    echo "FAIL: $name with $fault: $wrong: $(tail -2 err | tr '\n' ' ')"
  fi
}

declare -A result model_after
for name in train add update calibrate predict compare watch serve; do
  [ $name = train ] || [[ $wanted = *" $name "* ]] || continue
  prepare $name
  (cd case && FAULT_COUNT=../count-$name FAULT_ROOT=$work LD_PRELOAD=$shim ${command[$name]} > ../out 2> ../err) \
    || { echo "FAIL: $name alone: $(tail -2 err)"; exit 1; }
  result[$name]=$(cd case && ends $name)
  [ ! -e case/model ] || model_after[$name]=$(cksum < case/model)
  [ $name = train ] && cp -r case trained
done

# numbers NAME OPERATION COUNT: which of its operations fail.
numbers() {
  local all
  all=$(sed -n "s/^$2 //p" count-$1)
  if [ "$mode" = long ] || [ "$all" -le "$3" ]; then seq 1 "$all"; else
    for ((i = 0; i < $3; ++i)); do echo $((1 + ($3 > 1 ? i * (all - 1) / ($3 - 1) : all / 2))); done
  fi
}
at_random() {
  for ((i = 0; i < count; ++i)); do
    names=($wanted)
    name=${names[$((RANDOM % ${#names[@]}))]}
    try $name "any:$((1 + RANDOM % $(sed -n 's/^any //p' count-$name))):KILL"
  done
}
everywhere() {
  local kinds
  for name in $wanted; do
    # These take their time.
    [ "$mode" = short ] && case $name in compare | serve) places=1 ;; *) places=2 ;; esac
    for operation in open read write fsync rename mmap close; do
      case $operation in
        open) kinds="EIO EMFILE ENOSPC EINTR" ;;
        read) kinds="EIO EINTR short" ;;
        write) kinds="ENOSPC EIO EDQUOT EINTR short" ;;
        fsync | rename) kinds="EIO ENOSPC EINTR" ;;
        mmap) kinds="ENOMEM" ;;
        close) kinds="EIO EDQUOT EINTR" ;;
      esac
      # Short: one kind at a few places, another one for every command.
      if [ "$mode" = short ]; then
        set -- $kinds
        shift $((turn++ % $#))
        kinds=$1
      fi
      for kind in $kinds; do
        for n in $(numbers $name $operation "$places"); do try $name $operation:$n:$kind; done
      done
    done
    for n in $(numbers $name any $((3 * places / 2))); do try $name any:$n:KILL; done
    case $name in train | add | update) for n in $(numbers $name any "$places"); do try $name any:$n:TERM; done ;; esac
  done
}
turn=0 places=2
[ "$mode" = each ] && places=$count
if [ "$mode" = random ]; then at_random; else everywhere; fi

if [ "$mode" != short ]; then
  for key in "${!tries[@]}"; do echo "| $key | ${tries[$key]} | ${lost[$key]:-0} |"; done | sort
fi
echo "faults.sh: $passed passed, $failed failed"
[ "$failed" = 0 ]
