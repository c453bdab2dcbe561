#!/bin/sh
# No name on a page can rot: in README.md and docs/, every path of this project in backticks exists, and every name
# that stands in backticks behind a source file on the same line occurs in that file (or in the .cpp of that header).
cd "$(dirname "$0")/.." || exit 1

grep -on '`[^`]*`' README.md docs/*.md src/*/README.md src/*/*/README.md 2>/dev/null | awk -F: '
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
  function complain(what) { print page ":" number ": " what; bad = 1 }
  {
    if ($1 ":" $2 != at) file = ""
    at = $1 ":" $2
    page = $1
    number = $2
    quoted = substr($0, length(at) + 3)
    quoted = substr(quoted, 1, length(quoted) - 1)
    if (quoted ~ /^(src|apps|tests|bench|docs|weights)\/[A-Za-z0-9_.\/-]*$/) {
      ++paths
      if (!exists(quoted)) complain(quoted " does not exist")
      file = quoted ~ /\.(h|cpp|sh)$/ ? quoted : ""
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
  END {
    if (!paths || !names) { print "docs: no path or no name was found, so nothing was checked"; bad = 1 }
    if (bad) exit 1
    print "docs: " paths " paths and " names " names on the pages are there"
  }'
