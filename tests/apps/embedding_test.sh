#!/bin/bash
# What `cmake --install` leaves: programs in C, C++ and Python build against it, by pkg-config and by find_package, and
# get the scores of `iuf predict` to the last bit; the manual page and the completions know every command.
. "$(dirname "$0")/support.sh"
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(dirname "$iuf")
cd "$work" || exit 1

check "the installation" cmake --install "$build" --prefix "$work/prefix"
for file in bin/iuf include/iuf.h include/iuf.hpp share/man/man1/iuf.1 share/zsh/site-functions/_iuf \
  share/bash-completion/completions/iuf; do
  [ -s "prefix/$file" ] && ok || not_ok "$file is not installed: $(find prefix -name "$(basename "$file")")"
done
library=$(find "$work/prefix" -name 'libiuf.so')
export LD_LIBRARY_PATH=$(dirname "$library") PKG_CONFIG_PATH=$(dirname "$library")/pkgconfig OMP_NUM_THREADS=2

if nm -D --undefined-only "$library" | grep -Eq ' __(asan|tsan|ubsan)_'; then
  echo "the library is instrumented: programs that are not cannot load it"
  exit 77
fi

# What can be seen of the library is what its header declares.
nm -D --defined-only "$library" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort > seen
grep -o '\biuf_[a-z_]*(' prefix/include/iuf.h | tr -d '(' | sort -u > declared
[ "$(wc -l < declared)" -ge 20 ] && cmp -s seen declared && ok || not_ok "symbols: $(diff seen declared)"
nm -D --defined-only "$library" | grep -v ' [TA] ' > other
[ ! -s other ] && ok || not_ok "more than functions can be seen: $(head -3 other)"

# The help in other forms.
commands=$("$iuf" help | awk '/^  [a-z]+ +[^ ]/ && $1 != "iuf" { print $1 }')
[ "$(echo "$commands" | wc -l)" -ge 14 ] && ok || not_ok "the overview has few commands: $commands"
for command in $commands; do
  grep -q "^\\.SS iuf $command\\b" prefix/share/man/man1/iuf.1 && ok || not_ok "the manual page lacks $command"
  words=$(bash -c ". prefix/share/bash-completion/completions/iuf
    COMP_WORDS=(iuf $command --quie) COMP_CWORD=2; _iuf; echo \${COMPREPLY[*]}")
  [ "$words" = --quiet ] && ok || not_ok "bash completes 'iuf $command --quie' to '$words'"
  grep -q "^    $command)$" prefix/share/zsh/site-functions/_iuf && ok || not_ok "zsh's completion lacks $command"
done
# completes EXPECTED WORD...
completes() {
  expected=$1
  shift
  words=$(bash -c '. prefix/share/bash-completion/completions/iuf
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _iuf; echo "${COMPREPLY[*]}"' bash "$@")
  [ "$words" = "$expected" ] && ok || not_ok "bash completes '$*' to '$words'"
}
completes "fast paper released" iuf train data --profile ""
completes "paper" iuf train data --profile = pa
completes "train" iuf tra
completes "calibrate" iuf help cal
completes "" iuf predict --out mod
if command -v groff > man; then
  groff -man -ww -z -Tascii prefix/share/man/man1/iuf.1 2> man
  [ ! -s man ] && ok || not_ok "groff says of the manual page: $(head -3 man)"
fi
if command -v zsh > /dev/null; then check "zsh reads its completion" zsh -n prefix/share/zsh/site-functions/_iuf; fi

make_data data
check "training" "$iuf" train data --steps "biscuit,gear" --out run $tiny --method gaussian
set -- data/gear/test/good/000.png $(find data/*/test -name '00*.png' | sort | head -8) "$golden/pattern.jpg"
check "predict" "$iuf" predict run "$@" --out found --no-heatmaps
awk -F , 'NR > 1 { printf "%s %.17g %s %s\n", $1, $2, $4, $5 }' found/predictions.csv | sort -u > expected
grep -c defect expected > /dev/null && ok || not_ok "predict finds no defect: $(cat expected)"
# same WHAT COMMAND...: what the command prints of the images is what predict says.
same() {
  what=$1
  shift
  "$@" > "$work/out" 2> "$work/err" || not_ok "$what: '$*' ended with $?: $(tail -3 "$work/err")"
  awk -F , 'NF == 4 { printf "%s %.17g %s %s\n", $1, $2, $3, $4 }' "$work/out" | sort -u > got
  cmp -s expected got && ok || not_ok "$what says otherwise than predict: $(diff expected got | head -4)"
}

# By pkg-config and by find_package.
check "C by pkg-config" cc -std=c99 -Wall -Wextra -Wpedantic -Werror "$source/examples/c/judge.c" -o judge_c \
  $(pkg-config --cflags --libs iuf)
same "the example in C" ./judge_c run "$@"
if [ -e "$build/portable/libiuf.so.1" ]; then  # the bundle's
  same "the library with all inside" env LD_LIBRARY_PATH="$build/portable" ./judge_c run "$@"
fi
check "finding the package" cmake -S "$source/examples" -B examples -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror"
check "building by the package" cmake --build examples -j 2
for language in c cpp; do same "judge_$language" "examples/judge_$language" run "$@"; done
./judge_c run nowhere.png > out 2> err
[ $? = 1 ] && grep -q 'nowhere.png' err && ok || not_ok "a missing image: $(cat out err)"
./judge_c nowhere x.png > out 2> err
[ $? = 1 ] && grep -q 'nowhere' err && ok || not_ok "a missing model: $(cat out err)"

if command -v valgrind > /dev/null; then
  OMP_NUM_THREADS=1 valgrind --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect,possible \
    --errors-for-leak-kinds=definite,indirect,possible ./judge_c run "$1" "$golden/pattern.jpg" > out 2> err
  got=$?
  [ $got = 0 ] && [ "$(grep -c , out)" -ge 2 ] && ok || not_ok "valgrind ended with $got: $(tail -40 err)"
else
  echo "valgrind is not installed: leaks are not looked for"
fi

if python3 -c 'import ctypes' 2> /dev/null; then
  export PYTHONDONTWRITEBYTECODE=1
  same "Python, by ctypes" env PYTHONPATH="$source/python" IUF_LIBRARY="$library" \
    python3 "$source/examples/python/judge.py" run "$@"
  if python3 -m pip --version > /dev/null 2>&1; then
    check "the wheel" env IUF_LIBRARY="$library" python3 -m pip install --disable-pip-version-check --no-index \
      --no-deps --target site "$source/python"
    same "the wheel" env -u LD_LIBRARY_PATH PYTHONPATH="$work/site" python3 "$source/examples/python/judge.py" run "$@"
  else
    echo "python3 has no pip: the wheel is not tried"
  fi
  if python3 -c 'import numpy' 2> /dev/null; then
    check "numpy arrays" env PYTHONPATH="$source/python" IUF_LIBRARY="$library" python3 \
      "$source/examples/python/arrays.py" run
    grep -q 'highest at row and column' "$work/out" && ok || not_ok "numpy arrays: $(cat "$work/out")"
  else
    echo "python3 has no numpy: arrays are not tried"
  fi
  cat > change.py <<'END'
import iuf

model, told = iuf.Model("run"), []
model.listen(progress=lambda stage, done, total: told.append(stage), note=told.append)
assert [o["name"] for o in model.objects] == ["biscuit", "gear"], model.objects
before = model.objects[1]["threshold"]
model.calibrate(threshold=5, object="gear")
assert model.objects[1]["threshold"] == 5 and model.objects[1]["false_alarms"] is None
model.calibrate_back("gear")
model.calibrate(false_alarms=0.2)
assert model.objects[1]["false_alarms"] == 0.2
model.calibrate_back()
assert model.objects[1]["threshold"] == before
model.calibrate(folder="data/gear/test/good", object="gear", normal=True)
model.add("data/capsule/train/good", "capsule")
images = model.objects[1]["images"]
model.update("data/gear/test/good", "gear", normal=True)
assert model.objects[1]["images"] > images
assert [o["name"] for o in iuf.Model("run/model.safetensors").objects] == ["biscuit", "gear", "capsule"]
assert told and model.judge("data/capsule/test/good/000.png").object == "capsule"
path = "data/gear/test/good/000.png"
with open(path, "rb") as file:
    assert model.judge(file.read(), object="gear").score == model.judge(path, object="gear").score
for wrong in ("nowhere.png", b"no image"):
    try:
        model.judge(wrong)
        raise SystemExit(f"{wrong} is judged")
    except iuf.Error as error:
        assert "nowhere.png" in str(error) or "image" in str(error)
END
  check "changes by Python" env PYTHONPATH="$source/python" IUF_LIBRARY="$library" python3 change.py
else
  echo "there is no python3: its examples are not tried"
fi
finish
