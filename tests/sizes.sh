#!/bin/sh
# Fails when a file of src or apps has over 400 lines, or a function over 60 from its signature to its closing brace. A
# longer function needs a comment right above it that begins with "// Long: " and gives the reason. The first run is on
# a sample of what must be found and what must not, so that a blind script cannot pass.
cd "$(dirname "$0")/.." || exit 1
sample=$(mktemp -d) || exit 1
trap 'rm -rf "$sample"' EXIT

# Prints what is too long in the files named.
too_long() {
  LC_ALL=C awk -v most_lines=400 -v most_body=60 '
    function end_of_file() {
      if (file == "") return
      if (lines > most_lines && file != "src/nn/pickle.cpp")
        print file ": " lines " lines; a file has at most " most_lines ", split it by what is in it"
      if (depth) print file ": " depth " braces are open at its end: tests/sizes.sh does not understand it"
    }
    # What a brace opens, by the text since the last statement: a scope (namespace, class), a function, or a value.
    # Inside a function or a value everything is part of it.
    function opens(head, before) {
      if (depth && kind[depth] != "scope") return kind[depth]
      if (parens) return "value"
      sub(/^[ \t]+/, "", head)
      while (match(head, /^template *<[^<>]*(<[^<>]*>[^<>]*)*> */)) head = substr(head, RLENGTH + 1)
      if (head ~ /^((public|private|protected): *)/) sub(/^[a-z]+: */, "", head)
      if (head ~ /^(static |constexpr |inline |typedef )*(namespace|class|struct|union|enum|extern "")( |$)/ &&
          head !~ /[)=] *$/) return "scope"
      if (head !~ /\)/ || head ~ /[^=!<>]= *$/) return "value"
      # The members of a constructor are initialised without a space before the brace: "a_{1}".
      if (head ~ /\) *(noexcept *)?: / && before ~ /[A-Za-z0-9_>]/) return "value"
      return "function"
    }
    FNR == 1 {
      end_of_file()
      file = FILENAME; depth = parens = 0; head = ""; comment = string = ""; long = reason = 0
    }
    { lines = FNR }
    # Reasons stand in the comment right above.
    comment == "" && string == "" && /^[ \t]*\/\// { if (/^[ \t]*\/\/\/? ?Long: [^ ]/) reason = 1; next }
    comment == "" && string == "" && /^[ \t]*#/ { directive = /\\$/; next }
    directive { directive = /\\$/; next }
    /^[ \t]*$/ && string == "" { reason = 0 }
    {
      text = $0 " "
      for (i = 1; i < length(text); ++i) {
        c = substr(text, i, 1); two = substr(text, i, 2)
        if (comment != "") { if (two == "*/") { comment = ""; ++i } continue }
        if (string != "") {
          if (substr(text, i, length(string)) == string) { i += length(string) - 1; string = "" }
          else if (string == "\"" && c == "\\") ++i
          continue
        }
        if (two == "//") break
        if (two == "/*") { comment = "*/"; ++i; continue }
        if (c == "\"") {
          string = "\""
          if (substr(text, i - 1, 1) == "R" && match(substr(text, i + 1), /^[^(]*\(/)) {
            string = ")" substr(text, i + 1, RLENGTH - 1) "\""; i += RLENGTH
          }
          head = head "\"\""
          continue
        }
        if (c == "\047") {  # a character, or the mark between digits
          if (substr(text, i - 1, 1) ~ /[0-9a-fA-F]/ && substr(text, i + 1, 1) ~ /[0-9a-fA-F]/) continue
          i += substr(text, i + 1, 1) == "\\" ? 3 : 2
          while (substr(text, i, 1) != "\047" && i < length(text)) ++i
          continue
        }
        if (head ~ /^[ \t]*$/ && c !~ /[ \t{}]/) { first = FNR; long = reason }
        if (c == "(" || c == ")") { if (!depth || kind[depth] == "scope") parens += c == "(" ? 1 : -1 }
        if (c == "{") {
          before = substr(text, i - 1, 1)
          sort = opens(head, before)
          if (sort == "function" && (!depth || kind[depth] == "scope")) {
            begin = first; allowed = long; name = head; outer = depth
          }
          kind[++depth] = sort
          if (sort == "value") { head = head c } else head = ""
          continue
        }
        if (c == "}") {
          was = kind[depth--]
          if (was == "function" && depth == outer) {
            if (FNR - begin + 1 > most_body && !allowed) {
              sub(/\(.*/, "", name); sub(/.*[ \t*&]/, "", name)
              print file ":" begin ": " name " has " FNR - begin + 1 " lines; a function has at most " most_body \
                    ", split it or give the reason above it: // Long: ..."
            }
            head = ""
          } else if (was == "value" && (!depth || kind[depth] == "scope")) head = head c
          else head = ""
          reason = 0
          continue
        }
        if (c == ";" && !parens) { head = ""; reason = 0; continue }
        if (!depth || kind[depth] == "scope") {
          if (c == ":" && head ~ /^[ \t]*(public|private|protected)$/) head = ""
          else head = head c
        }
      }
      if (string == "\"") string = ""
      if (head != "") head = head " "
    }
    END { end_of_file() }' "$@"
}

# `count` lines of code.
code() { awk -v n="$1" 'BEGIN { while (n--) print "  call(\"{\", \047{\047);  // {" }'; }
{
  echo '#include <map>'
  echo 'namespace iuf {'
  echo 'constexpr int table[] = {'; code 70 | sed 's/call(\(.*\));/f(\1),/'; echo '};'
  echo 'int fits(int x = 1'"'"'000) {'; code 58; echo '}'
  echo 'template <class T, std::map<int, int> M>'; echo 'int too_long(T x) {'; code 58; echo '}'
  echo '// Long: one case per opcode.'; echo 'int explained() {'; code 70; echo '}'
  echo '/// Not long'; echo 'int again() {'; code 59; echo '}'
  echo 'class Large : public Base {'; echo ' public:'
  echo '  explicit Large(int x, Options o = {}) : Base{x}, a_{x}, b_(x) { run(); }'
  echo '  Large()'; echo '      : Base{1},'; echo '        a_{2} {'; code 30; echo '  }'
  echo '  int member() const override {'; code 60; echo '  }'
  echo '  auto text() { return R"x(} { )" )x"; }'
  echo '  int b_{3}, c_ = {4};'; echo '  std::vector<int> d_ = make({1, 2});'; echo '};'
  echo 'Large::Large(long x)'; echo '    : a_{x} {'; code 59; echo '}'
  echo '}  // namespace iuf'
} > "$sample/functions.cpp"
found=$(cd "$sample" && too_long functions.cpp | sed 's/;.*//; s/:[0-9]*:/:/')
expected='functions.cpp: too_long has 61 lines
functions.cpp: again has 61 lines
functions.cpp: member has 62 lines
functions.cpp: Large::Large has 62 lines
functions.cpp: 496 lines'
if [ "$found" != "$expected" ]; then
  printf 'sizes: of the sample it finds\n%s\ninstead of\n%s\n' "$found" "$expected"
  exit 1
fi

files=$(find src apps -name '*.h' -o -name '*.hpp' -o -name '*.cpp' -o -name '*.inc' | sort)
wrong=$(too_long $(echo "$files" | grep -v '\.inc$'); for file in $(echo "$files" | grep '\.inc$'); do
  lines=$(wc -l < "$file"); [ "$lines" -le 400 ] || echo "$file: $lines lines; a file has at most 400"; done)
[ -z "$wrong" ] || { echo "$wrong"; exit 1; }
echo "sizes: $(echo "$files" | wc -l) files, no file and no function is too long"
