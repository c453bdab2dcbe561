# Shared by the tests of the program; read with `. support.sh`. $iuf is the program, $work a folder that is removed at
# the end.
# shellcheck shell=sh
iuf=$(realpath "${1:?usage: NAME_test.sh PROGRAM}")
golden=$(cd "$(dirname "$0")/../golden" && pwd)
[ -w /dev/shm ] && TMPDIR=/dev/shm  # memory, where the system has it: a test need not wait for a disk
work=$(TMPDIR=${TMPDIR:-/tmp} mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

ok() { passed=$((passed + 1)); }
not_ok() {
  failed=$((failed + 1))
  echo "FAIL: $*"
}
# check WHAT COMMAND...: the command succeeds.
check() {
  what=$1
  shift
  if "$@" > "$work/out" 2> "$work/err"; then ok; else not_ok "$what: '$*' ended with $?: $(tail -3 "$work/err")"; fi
}
# refused CODE PATTERN COMMAND...: the command ends with this code and says one error on standard error that matches.
# Remarks on the data and on files may stand beside it.
refused() {
  code=$1 pattern=$2
  shift 2
  "$@" > "$work/out" 2> "$work/err"
  got=$?
  if [ "$got" != "$code" ]; then not_ok "'$*' ended with $got instead of $code: $(cat "$work/err")"
  elif [ "$(grep -c '^iuf: ' "$work/err")" != 1 ]; then not_ok "'$*' did not say one error: $(cat "$work/err")"
  elif ! grep '^iuf: ' "$work/err" | grep -Eq -e "$pattern"; then not_ok \
    "'$*' said '$(cat "$work/err")', which does not match '$pattern'"
  else ok; fi
}
# The last line of every test.
finish() {
  echo "$(basename "$0"): $passed passed, $failed failed"
  [ "$failed" = 0 ]
}

# A network that trains in a moment, on images that are made in a moment.
tiny="--quiet --threads 1 --image-size 64 --grid 4 --hidden 16 --heads 2 --encoder-layers 1 --decoder-layers 1
  --feed-forward 16 --epochs 3 --increment-epochs 2 --batch 4"
make_data() {
  "$iuf" synth "$1" --quiet --size 64 --train 6 --test-good 2 --per-defect 1 --objects biscuit,capsule,gear > /dev/null
}
