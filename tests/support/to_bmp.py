#!/usr/bin/env python3
"""to_bmp.py PICTURE.png PICTURE.bmp: an RGB picture of `iuf synth` as a BMP, as a camera's program writes it."""
import struct
import sys
import zlib

data = open(sys.argv[1], "rb").read()
width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
if (depth, colours, interlaced) != (8, 2, 0):
    sys.exit(f"{sys.argv[1]}: not 8-bit RGB")
packed, at = b"", 8
while at < len(data):
    length, kind = struct.unpack(">I4s", data[at:at + 8])
    packed += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
    at += length + 12
raw, stride = zlib.decompress(packed), 3 * width


def predicted(kind, left, above, corner):
    """What a filter of PNG adds to a byte."""
    if kind == 4:
        p = left + above - corner
        return min((left, above, corner), key=lambda value: abs(p - value))
    return (0, left, above, (left + above) // 2)[kind]


rows, above = [], bytearray(stride)
for y in range(height):
    kind, *row = raw[y * (stride + 1):(y + 1) * (stride + 1)]
    for x in range(stride):
        left, corner = (row[x - 3], above[x - 3]) if x >= 3 else (0, 0)
        row[x] = row[x] + predicted(kind, left, above[x], corner) & 255
    rows.append(row)
    above = row
padding = bytes(-stride % 4)
body = b""
for row in reversed(rows):  # from the last row to the first, blue first
    turned = bytearray(row)
    turned[0::3], turned[2::3] = row[2::3], row[0::3]
    body += turned + padding
head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(body), 2835, 2835, 0, 0)
open(sys.argv[2], "wb").write(b"BM" + struct.pack("<IHHI", 54 + len(body), 0, 0, 54) + head + body)
