#!/bin/sh
# Opens a report in headless Chromium, uses its charts, filters and enlarged view as a reader would, and fails when the
# browser's console says anything, when an interaction does not do what it should, or when the page asks for anything
# but itself. Skipped (exit code 77) where Chromium is absent or does not run.
#
# usage: report_browser.sh REPORT.html [SCREENSHOT.png [WIDTH,HEIGHT]]
set -eu

report=${1:?usage: report_browser.sh REPORT.html [SCREENSHOT.png [WIDTH,HEIGHT]]}
screenshot=${2:-}
size=${3:-1280,2400}
[ -f "$report" ] || { echo "report_browser: $report: no such file" >&2; exit 1; }
browser=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$browser" ]; then
  echo "report_browser: skipped, Chromium is not installed (apt-get install chromium)"
  exit 77
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The browser runs with a profile of its own and no background traffic, so that what it logs is the page's doing.
run() {
  timeout 180 "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
    --no-first-run --disable-extensions --disable-sync --disable-background-networking --disable-component-update \
    --disable-default-apps --no-proxy-server --host-resolver-rules='MAP * ~NOTFOUND' --force-prefers-reduced-motion \
    --user-data-dir="$folder/profile" --window-size="$size" --enable-logging=stderr --v=0 "$@"
}

echo '<!DOCTYPE html><p>alive' > "$folder/empty.html"
if ! run --dump-dom "file://$folder/empty.html" 2> "$folder/log" | grep -q alive; then
  echo "report_browser: skipped, Chromium is installed but does not run here: $(tail -1 "$folder/log")"
  exit 77
fi

cat > "$folder/use.js" <<'EOF'
<script>
const expect = (condition, what) => { if (!condition) throw Error("report: " + what); };
const key = (target, name) => target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
for (const chart of document.querySelectorAll("svg.chart")) {
  if (!chart.dataset.points) continue;
  key(chart, "Home");
  expect(chart.parentNode.querySelector(".read-out"), "a chart shows no value at its first point");
  key(chart, "ArrowRight");
  const x = chart.getBoundingClientRect().left + 50;
  chart.dispatchEvent(new PointerEvent("pointermove", { clientX: x, bubbles: true }));
  expect(chart.parentNode.querySelector(".read-out").textContent, "a chart shows no value under the pointer");
  chart.dispatchEvent(new PointerEvent("pointerleave"));
  expect(!chart.parentNode.querySelector(".read-out"), "a chart's value stays when the pointer has left");
}
for (const filter of document.querySelectorAll(".filter")) {
  const shots = [...filter.closest(".object").querySelectorAll(".shot")];
  const shown = () => shots.filter(shot => !shot.hidden).length;
  for (const button of filter.children) {
    button.click();
    expect(button.textContent.endsWith(" " + shown()), "the filter '" + button.textContent + "' shows " + shown());
  }
  filter.children[0].click();
}
const first = document.querySelector(".shot .panels");
if (first) {
  const box = document.querySelector("dialog");
  first.click();
  const panels = (element) => element.querySelectorAll(".panel").length;
  expect(box.open && panels(box) === panels(first), "an image does not open enlarged");
  const before = box.innerHTML;  // images of different kinds may share a name
  key(box, "ArrowRight");
  expect(box.innerHTML !== before || document.querySelectorAll(".shot").length < 2, "no next image");
  box.close();
}
for (const image of document.images) expect(image.src.startsWith("data:"), "an image is not part of the file");
for (const entry of performance.getEntriesByType("resource"))
  expect(entry.name.startsWith("data:"), "asks for " + entry.name);
Promise.all([...document.images].map(image => image.decode())).then(
  () => document.body.append("report used"), () => console.error("report: an image cannot be decoded"));
</script>
EOF
cat "$report" "$folder/use.js" > "$folder/used.html"

run --log-net-log="$folder/net.json" --virtual-time-budget=20000 --dump-dom "file://$folder/used.html" \
  > "$folder/dom.html" 2> "$folder/log" || { echo "report_browser: Chromium failed" >&2; tail -5 "$folder/log" >&2; \
    exit 1; }

if grep -a 'CONSOLE' "$folder/log" >&2; then
  echo "report_browser: $report: the browser's console is not silent" >&2
  exit 1
fi
grep -aq 'report used' "$folder/dom.html" \
  || { echo "report_browser: $report: the page did not finish loading" >&2; exit 1; }
# The browser's own services log here too; what the page causes is keyed by its origin.
if grep -a '"network_[a-z]*_key":"file:' "$folder/net.json" > "$folder/requests"; then
  cut -c 1-300 "$folder/requests" >&2
  echo "report_browser: $report: the page asks the network" >&2
  exit 1
fi

if [ -n "$screenshot" ]; then
  path=$(cd "$(dirname "$report")" && pwd)/$(basename "$report")
  run --screenshot="$screenshot" "file://$path" > /dev/null 2> "$folder/log"
  [ -s "$screenshot" ] || { echo "report_browser: no screenshot was written" >&2; tail -5 "$folder/log" >&2; exit 1; }
fi
echo "report_browser: $report: no console message, no request, charts, filters and enlarged view work"
