#!/bin/sh
# A camera that writes its images over each other, with one size and one time, had none judged but the first; and links
# were judged when they came while the folder was watched, but not when they were there before, without a word.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 8 --test-good 2 --per-defect 1 --objects gear > /dev/null
check "learning" "$iuf" train data --method gaussian --views coarse --image-size 64 --out run --quiet
mkdir line shown
# BMP files of one size, of one time.
python3 - data/gear/test/good/000.png data/gear/test/good/001.png << 'E'
import struct, sys, zlib
for source, name in zip(sys.argv[1:], "ab"):
    data = open(source, "rb").read()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR": width, height, depth, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        if kind == b"IDAT": packed += data[at + 8:at + 8 + size]
        at += 12 + size
    assert (depth, colour) == (8, 2)
    raw = zlib.decompress(packed)
    rows, before, stride = [], bytes(3 * width), 3 * width + 1
    for y in range(height):
        kind, line = raw[y * stride], bytearray(raw[y * stride + 1:(y + 1) * stride])
        for i in range(len(line)):
            a, b, c = (line[i - 3] if i > 2 else 0), before[i], (before[i - 3] if i > 2 else 0)
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        before = bytes(line)
        rows.append(b"".join(line[i + 2:i + 3] + line[i + 1:i + 2] + line[i:i + 1] for i in range(0, len(line), 3)))
    body = b"".join(row + bytes(-len(row) % 4) for row in reversed(rows))
    open(name + ".bmp", "wb").write(b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54 + len(body), 0, 0, 54, 40, width, height,
                                                        1, 24, 0, len(body), 0, 0, 0, 0) + body)
E
touch -d 1980-01-01 a.bmp b.bmp
rows() { [ -e line.verdicts/log.csv ] && sed 1d line.verdicts/log.csv | wc -l; }
once() { "$iuf" watch run line --once --settle 0 > out 2> err; }
# judged COUNT WHAT
judged() { [ "$(rows)" = "$1" ] && ok || not_ok "$2: $(rows) rows, not $1: $(cat out err)"; }

# After a restart: renamed over it, and written in place.
cp -p a.bmp line/1.bmp
once
judged 1 "the first one"
cp -p b.bmp new && mv new line/1.bmp
once
judged 2 "another one renamed over it"
cat a.bmp > line/1.bmp && touch -d 1980-01-01 line/1.bmp
once
judged 3 "another one written over it"
# The same content is the same image, whatever its time and its permissions are.
chmod 600 line/1.bmp
once
judged 3 "other permissions"
cp -p a.bmp new && mv new line/1.bmp
once
judged 3 "the same content again"
# An older version noted neither the number of a file nor the time of its last change of state.
python3 - line.verdicts/watch.journal << 'E'
import json, sys
lines = []
for line in open(sys.argv[1]):
    value = json.loads(line)["value"]
    for key in ("node", "state"): value.pop(key, None)
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    sum = 0xcbf29ce484222325
    for byte in text.encode(): sum = ((sum ^ byte) * 0x100000001b3) & (2 ** 64 - 1)
    lines.append('{"hash":%d,"value":%s}\n' % (sum, text))
open(sys.argv[1], "w").writelines(lines)
E
once
judged 3 "a journal of an older version"
grep -q damaged out err && not_ok "the older journal: $(cat out err)" || ok

# Links are left alone and said, when they come and when they are there.
cp data/gear/test/good/001.png shown/
ln -s ../shown/001.png line/there.png
"$iuf" watch run line --settle 0.05 > out 2> err &
watching=$!
for _ in $(seq 100); do
  grep -q "there.png: a link" err && break
  sleep 0.05
done
ln -s ../shown/001.png line/late.png
cp -p b.bmp new && mv new line/1.bmp
for _ in $(seq 100); do
  [ "$(rows)" = 4 ] && break
  sleep 0.05
done
sleep 0.3
kill -TERM $watching
wait $watching
judged 4 "a picture renamed over another while the folder is watched, and no link"
[ "$(grep -c "a link, and left alone" err)" = 1 ] && grep -q "; 2 links left alone" out && ok \
  || not_ok "links: $(cat out err)"
once
judged 4 "links after a restart"
grep -q "; 2 links left alone" out && ok || not_ok "links after a restart: $(cat out err)"
finish
