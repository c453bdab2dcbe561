#!/bin/sh
# No name on a page can rot: in README.md and docs/, every path of this project in backticks exists, and every name in
# backticks behind a source file, up to the next file or the end of the paragraph, list item or table row, occurs in
# that file (or in the .cpp of that header).
cd "$(dirname "$0")/.." || exit 1

awk '
  # Whether `word` stands alone in the text of a file.
  function holds(file, word,    line, found, text) {
    if (!(file in read)) {
      text = ""
      while ((getline line < file) > 0) text = text line "\n"
      close(file)
      read[file] = text
    }
    text = read[file]
    while (found = index(text, word)) {
      if ((found == 1 || substr(text, found - 1, 1) !~ /[A-Za-z0-9_]/) &&
          substr(text, found + length(word), 1) !~ /[A-Za-z0-9_]/)
        return 1
      text = substr(text, found + 1)
    }
    return 0
  }
  function exists(path) {
    if (!(path in known)) known[path] = system("test -e \"" path "\"") == 0
    return known[path]
  }
  function complain(what) { print FILENAME ":" FNR ": " what; bad = 1 }
  function check(quoted,    part, count, twin) {
    if (quoted ~ /^(src|apps|tests|bench|docs|weights)\/[A-Za-z0-9_.\/-]*$/) {
      ++paths
      if (!exists(quoted)) complain(quoted " does not exist")
      file = quoted ~ /\.(h|cpp)$/ ? quoted : ""
    } else if (file != "" && quoted ~ /^[A-Za-z_][A-Za-z0-9_:]*(\(\))?$/) {
      sub(/\(\)$/, "", quoted)
      count = split(quoted, part, "::")
      twin = file
      sub(/\.h$/, ".cpp", twin)
      ++names
      if (!holds(file, part[count]) && !(twin != file && exists(twin) && holds(twin, part[count])))
        complain(file " does not hold the name " part[count])
    }
  }
  FNR == 1 { fenced = 0 }
  /^```/ { fenced = !fenced }
  fenced { next }
  /^[ \t]*$/ || /^[ \t]*([-*|#]|[0-9]+\.)/ { file = "" }
  {
    count = split($0, piece, "`")
    for (i = 2; i < count; i += 2) check(piece[i])
  }
  END {
    if (paths < 10 || names < 10) { print "docs: only " paths " paths and " names " names were found"; bad = 1 }
    if (bad) exit 1
    print "docs: " paths " paths and " names " names on the pages are there"
  }' README.md docs/*.md $(find src -name README.md | sort)
