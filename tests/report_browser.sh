#!/bin/sh
# Opens a report in headless Chromium, uses its charts, thresholds, lists, filters and enlarged view as a reader would,
# on a wide and on a narrow screen, and fails when the browser's console says anything, when an interaction does not do
# what it should, when something is cut off, or when the page asks for anything but itself. Skipped (exit code 77) where
# Chromium is absent or does not run.
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
{  // apart from the page's own names
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
const numbers = text => text.trim().split(/\s+/).filter(Boolean).map(Number);
for (const panel of document.querySelectorAll(".threshold-panel")) {
  const slider = panel.querySelector(".slider"), box = panel.closest(".object"), chart = panel.querySelector("svg");
  const row = document.getElementById(panel.dataset.row), own = Number(panel.dataset.threshold);
  const shown = name => Number(panel.querySelector(`[data-count=${name}]`)?.textContent);
  const settled = numbers(panel.dataset.settled), scores = ["normal", "defect", "unlabelled"].map(
    truth => numbers(panel.dataset[truth]));
  const labelled = !scores[2].length;
  const all = scores.flat(), [low, high, , left, right] = chart.dataset.axis.split(" ").map(Number);
  const log = chart.dataset.axis.includes("log");
  const check = t => {
    const above = group => group.filter(score => score > t).length;
    const rows = [...box.querySelectorAll("tr[data-s]")];
    const said = text => rows.filter(row => row.querySelector(".verdict").textContent === text).length;
    const complete = rows.length === all.length;
    if (labelled) {
      const found = above(scores[1]) + settled[3], alarms = above(scores[0]) + settled[1];
      expect(shown("found") === found && shown("alarms") === alarms, `counts ${shown("found")} found at ${t}`);
      expect(!row || Number(row.querySelector("[data-count=alarms]").textContent) === alarms, "the table says else");
      const cost = name => Number(document.getElementById(name)?.value ?? 0);
      const missed = scores[1].length + settled[2] - found;
      expect(!row || shown("cost") === alarms * cost("cost-alarm") + missed * cost("cost-miss"), "a wrong cost");
      expect(!complete || said("\u2713 defect found") === above(scores[1]), "the list says else than the slider");
      expect(!complete || said("\u2717 false alarm") === above(scores[0]), "the list says else than the slider");
    } else {
      expect(shown("rejected") === above(scores[2]) + settled[5], `counts ${shown("rejected")} rejected at ${t}`);
      expect(!complete || said("defect") === above(scores[2]), "the list says else than the slider");
    }
    const share = log ? Math.log(t / low) / Math.log(high / low) : (t - low) / (high - low);
    const line = chart.querySelector("line.threshold");
    expect(Math.abs(line.getAttribute("x1") - (left + share * (right - left))) < 1, "the line is not at the threshold");
  };
  check(own);
  expect(!panel.querySelector("code").textContent, "a command for what is so already");
  for (const place of [0, 137, 500, 863, 1000]) {
    slider.value = place;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    const share = place / 1000;
    const t = log ? low * (high / low) ** share : low + (high - low) * share;
    check(t);
    const command = panel.querySelector("code").textContent;
    expect(t === own || command.includes("--threshold"), "no command for a moved threshold");
  }
  const cheapest = panel.querySelector("[data-do=cheapest]");
  if (cheapest && row) {
    const costs = [];
    for (let place = 0; place <= 1000; place += 20) {
      slider.value = place;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      costs.push(shown("cost"));
    }
    cheapest.click();
    expect(shown("cost") <= Math.min(...costs), "the cheapest threshold is not");
  }
  panel.querySelector("[data-do=reset]").click();
  check(own);
}
const miss = document.getElementById("cost-miss");
if (miss) {
  const before = Number(document.querySelector("[data-sum=cost]").textContent), value = miss.value;
  const missed = Number(document.querySelector("[data-sum=missed]").textContent);
  miss.value = Number(value) + 7;
  miss.dispatchEvent(new Event("input", { bubbles: true }));
  expect(Number(document.querySelector("[data-sum=cost]").textContent) === before + 7 * missed, "a sum of costs");
  miss.value = value;
  miss.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("all-cheapest").click();
  expect(Number(document.querySelector("[data-sum=cost]").textContent) <= before, "all the cheapest cost more");
  document.getElementById("all-reset").click();
}
for (const list of document.querySelectorAll("details.list")) list.open = true;
for (const head of document.querySelectorAll("table.sortable thead th")) {
  const body = head.closest("table").tBodies[0], rows = body.rows.length;
  const column = () => [...body.rows].map(row => row.cells[head.cellIndex]).map(
    cell => cell.dataset.v ?? cell.textContent).filter(text => text !== "" && text !== "n/a").map(
    text => text.replace("\u2212", "-"));
  for (const turn of [1, 2]) {
    head.querySelector("button").click();
    const values = column(), numeric = values.every(text => !Number.isNaN(Number(text)));
    const order = numeric ? (a, b) => a - b : (a, b) => a.localeCompare(b, undefined, { numeric: true });
    const sign = head.getAttribute("aria-sort") === "ascending" ? 1 : -1;
    expect(values.every((value, i) => !i || sign * order(values[i - 1], value) <= 0),
      `'${head.textContent}' does not sort: ${values}`);
  }
  expect(body.rows.length === rows, "sorting loses rows");
}
for (const list of document.querySelectorAll("details.list")) list.open = false;
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
// Nothing reaches over the edge but what scrolls by itself.
const width = document.documentElement.clientWidth, whole = document.documentElement.scrollWidth;
expect(whole <= width, `the page is ${whole} wide on ${width}`);
for (const element of document.querySelectorAll("header *, main *, .tiles *")) {
  if (element.closest(".scroll, svg, nav, dialog") || element.classList.contains("skip")) continue;
  const edge = element.getBoundingClientRect().right;
  expect(edge <= width + 1, `<${element.localName} class='${element.className}'> ends at ${edge} on ${width}`);
}
for (const entry of performance.getEntriesByType("resource"))
  expect(entry.name.startsWith("data:"), "asks for " + entry.name);
Promise.all([...document.images].map(image => image.decode())).then(() => {
  for (const marks of document.querySelectorAll(".regions")) {
    const { width, height } = marks.viewBox.baseVal, picture = marks.previousElementSibling;
    const scale = Math.max(picture.naturalWidth, picture.naturalHeight) / Math.max(width, height);
    expect(Math.abs(picture.naturalWidth - width * scale) <= 1 && Math.abs(picture.naturalHeight - height * scale) <= 1,
      "regions lie over a picture of another shape");
    for (const box of marks.children)
      expect(box.x.baseVal.value >= 0 && box.x.baseVal.value + box.width.baseVal.value <= width &&
        box.y.baseVal.value >= 0 && box.y.baseVal.value + box.height.baseVal.value <= height, "a region lies outside");
  }
  document.body.append("report used");
}).catch(error => console.error("report: an image cannot be decoded, or " + error.message));
}
</script>
EOF
cat "$report" "$folder/use.js" > "$folder/used.html"

# A window has a least width, which a full screen has not.
for screen in wide narrow; do
  if [ $screen = wide ]; then set -- run; else set -- run --start-fullscreen --screen-info='{420x2400}'; fi
  "$@" --log-net-log="$folder/net.json" --virtual-time-budget=20000 --dump-dom "file://$folder/used.html" \
    > "$folder/$screen.dom" 2> "$folder/log" || { echo "report_browser: Chromium failed" >&2; \
      tail -5 "$folder/log" >&2; exit 1; }
  if grep -a 'CONSOLE' "$folder/log" >&2; then
    echo "report_browser: $report: the browser's console is not silent (on a $screen screen)" >&2
    exit 1
  fi
  grep -aq 'report used' "$folder/$screen.dom" \
    || { echo "report_browser: $report: the page did not finish loading (on a $screen screen)" >&2; exit 1; }
done
# With every slider back where it was, the script counts what the page was written with.
counts() { sed 's/ data-label="[^"]*"//g' "$1" | grep -ao "data-\(count\|sum\)=[\"'][a-z]*[\"']>[^<]*" | tr -d "\"'"; }
counts "$report" | sort > "$folder/written"
counts "$folder/wide.dom" | sort > "$folder/counted"
if ! cmp -s "$folder/written" "$folder/counted"; then
  diff "$folder/written" "$folder/counted" | head -10 >&2
  echo "report_browser: $report: the script counts something else than the page says" >&2
  exit 1
fi
# The browser's own services log here too; what the page causes is keyed by its origin.
if grep -a '"network_[a-z]*_key":"file:' "$folder/net.json" > "$folder/requests"; then
  cut -c 1-300 "$folder/requests" >&2
  echo "report_browser: $report: the page asks the network" >&2
  exit 1
fi

if [ -n "$screenshot" ]; then
  path=$(cd "$(dirname "$report")" && pwd)/$(basename "$report")
  set -- run
  [ "${size%,*}" -ge 500 ] || set -- run --start-fullscreen --screen-info="{${size%,*}x${size#*,}}"
  "$@" --screenshot="$screenshot" "file://$path" > /dev/null 2> "$folder/log"
  [ -s "$screenshot" ] || { echo "report_browser: no screenshot was written" >&2; tail -5 "$folder/log" >&2; exit 1; }
fi
echo "report_browser: $report: no console message, no request, nothing cut off; charts, thresholds, lists, filters and \
enlarged view work"
