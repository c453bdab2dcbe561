#!/bin/sh
# Prints where each equation of the paper is defined, from the [Eq. n] tags in the sources. Fails when one of 1 to 14
# has no tag, or more than one.
cd "$(dirname "$0")/.." || exit 1

find src -name '*.h' -o -name '*.cpp' | sort | xargs awk '
  # The name that a declaration declares, or that a definition defines.
  function declared(line,    word) {
    if (match(line, /^(template <[^>]*> *)?(struct|class|enum class) +[A-Za-z_0-9]+/)) {
      word = substr(line, RSTART, RLENGTH)
      sub(/.* /, "", word)
      return word
    }
    if (match(line, /[A-Za-z_0-9:]+\(/)) return substr(line, RSTART, RLENGTH - 1)
    return ""
  }
  function place(equation, name) {
    if (equation in at) {
      print "paper_map: Eq. " equation " is tagged twice: " at[equation] " and " FILENAME > "/dev/stderr"
      bad = 1
    }
    at[equation] = FILENAME ": `" name "`"
  }
  FNR == 1 { waiting = ""; enclosing = "" }
  /^[A-Za-z].*\(/ { enclosing = declared($0) }
  {
    tags = ""
    line = $0
    while (match(line, /\[Eq\. [0-9]+(-[0-9]+)?\]/)) {
      split(substr(line, RSTART + 5, RLENGTH - 6), range, "-")
      for (n = range[1]; n <= (range[2] ? range[2] : range[1]); ++n) tags = tags " " n
      line = substr(line, RSTART + RLENGTH)
    }
    comment = $0 ~ /^[ \t]*\/\//
    if (comment) {
      waiting = waiting tags
    } else {
      count = split(waiting tags, equation, " ")
      for (i = 1; i <= count; ++i) place(equation[i], tags == "" || waiting != "" ? declared($0) : enclosing)
      waiting = ""
    }
  }
  END {
    print "| equation | defined in |"
    print "| --- | --- |"
    for (n = 1; n <= 14; ++n) {
      if (n in at) print "| Eq. " n " | " at[n] " |"
      else { print "paper_map: no tag [Eq. " n "] in src/" > "/dev/stderr"; bad = 1 }
    }
    exit bad
  }'
