#!/bin/sh
# The levels of IUF_CPU side by side: the same model judges the same images at every level that this CPU has, with 1 and
# 3 threads. Prints the table of docs/reliability.md: the largest difference of a score from that of the first level,
# as a share of the largest score. The same bits for every number of threads, at most 1e-5 between levels.
#
# cpu_levels_test.sh PROGRAM OTHER...: a program of another compiler or processor, such as qemu-aarch64 with what it
# emulates, judges with the same models, too.
. "$(dirname "$0")/support.sh"
shift
other=""
for word; do
  [ ! -e "$word" ] || word=$(realpath "$word")
  other="$other $word"
done
cd "$work" || exit 1
unset OPENBLAS_CORETYPE  # somebody's own choice, which the program would leave alone

refused 2 "IUF_CPU=haswell: no such level; there are x86-64, x86-64-v3 and x86-64-v4" env IUF_CPU=haswell "$iuf" doctor
levels=""
for level in x86-64 x86-64-v3 x86-64-v4; do
  if IUF_CPU=$level "$iuf" doctor > out 2> err; then
    levels="$levels $level"
    grep -q "kernels for $level, " out && ok || not_ok "doctor at $level: $(grep CPU out)"
  else
    [ "$(grep -c '^iuf: IUF_CPU=.*: this CPU has only' err)" = 1 ] && ok || not_ok "a level that is refused: $(cat err)"
  fi
done
IUF_CPU="" "$iuf" doctor > out
grep -q "kernels for.*, the best that it has" out && ok || not_ok "doctor without a level: $(grep CPU out)"
# OpenBLAS follows, unless its user has chosen.
IUF_CPU=x86-64 "$iuf" doctor > out
grep -qi "core prescott" out && ok || not_ok "OpenBLAS at x86-64: $(grep BLAS out)"
if [ "$(echo $levels | wc -w)" -gt 1 ]; then
  IUF_CPU=x86-64 OPENBLAS_CORETYPE=Haswell "$iuf" doctor > out
  grep -qi "core haswell" out && ok || not_ok "the user's OPENBLAS_CORETYPE: $(grep BLAS out)"
fi

make_data data
# scores TABLE: the scores of a table of predictions.
scores() {
  awk -F , 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "score") column = i; next } { print $column }' "$1"
}
for method in iuf surroundings coreset padim draem cad-dne; do
  check "training $method" "$iuf" train data --steps "biscuit,capsule;gear" --method $method $tiny --grid 8 \
    --out run-$method --cache cache --bank-size 50 \
    --draem-size 32 --draem-width 2 --cad-size 32 --cad-blocks 1 --views coarse
  first=""
  for level in $levels ${other:+other}; do
    program="env IUF_CPU=$level $iuf"
    [ $level != other ] || program=$other
    for threads in 1 3; do
      check "predict at $level" $program predict run-$method data --out $method-$level-$threads \
        --threads $threads --no-heatmaps --quiet
      cmp $method-$level-1/predictions.csv $method-$level-$threads/predictions.csv && ok \
        || not_ok "$method at $level: other bits with $threads threads"
    done
    scores $method-$level-1/predictions.csv > scores-$level
    [ -n "$first" ] || first=$level
    paste scores-$first scores-$level | awk -v name="$method $level" '
      { a = $1 < 0 ? -$1 : $1; d = $1 - $2; if (d < 0) d = -d; if (a > largest) largest = a; if (d > most) most = d }
      END { printf "%-24s %d images, largest difference %.1e of the largest score\n", name, NR, most / largest
            exit !(NR > 20 && most <= 1e-5 * largest) }' && ok || not_ok "$method: $level differs from $first by more"
  done
done
finish
