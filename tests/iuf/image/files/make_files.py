"""Writes the small images of image_test.cpp, and decoded.safetensors with what Pillow decodes from each (9 x 13 x 3).

Pillow writes neither every kind of PNG nor interlaced ones, so those are put together here from their chunks.
"""
import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms
from safetensors.numpy import save_file

OUT = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 13, 9
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
rng = np.random.default_rng(7)
decoded = {}


def save(name, data):
    (OUT / name).write_bytes(data)
    image = Image.open(io.BytesIO(data))
    # Pillow clips 16-bit gray at 255; the program keeps the high byte
    pixels = np.asarray(image) >> 8 if image.mode == "I;16" else np.asarray(image.convert("RGB"))
    pixels = np.repeat(pixels[:, :, None], 3, 2) if pixels.ndim == 2 else pixels
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    decoded[name] = np.ascontiguousarray(pixels.astype(np.uint8))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, colour, bits, transparent=None, interlaced=False, values=None, before=b""):
    if values is None:
        values = rng.integers(0, 2**bits, (HEIGHT, WIDTH, CHANNELS[colour]))

    def line(pixels):
        flat = pixels.reshape(-1)
        if bits >= 8:
            return b"\0" + flat.astype(">u2" if bits == 16 else np.uint8).tobytes()
        return b"\0" + np.packbits((flat[:, None] >> np.arange(bits - 1, -1, -1)) & 1).tobytes()

    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    raw = b"".join(line(values[y, x0::dx]) for x0, y0, dx, dy in passes for y in range(y0, HEIGHT, dy))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, colour, 0, 0, interlaced))
    data += before
    if colour == PALETTE:
        data += chunk(b"PLTE", rng.integers(0, 256, 3 * 2**bits, dtype=np.uint8).tobytes())
    if transparent:
        data += chunk(b"tRNS", transparent)
    save(f"{name}.png", data + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def jpeg(name, mode="RGB", **options):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = [127 + 120 * np.sin(x / 3), 127 + 120 * np.cos(y / 2), (x + y) * 11 % 256, 100 + 90 * np.sin(x / 4 + y / 5)]
    bands = [Image.fromarray(wave.astype(np.uint8)) for wave in waves]
    data = io.BytesIO()
    Image.merge(mode, bands[: len(mode)]).save(data, "JPEG", optimize=True, **options)
    save(f"{name}.jpg", data.getvalue())


for bits in (1, 2, 4, 8, 16):
    png(f"gray{bits}", GRAY, bits)
for bits in (8, 16):
    png(f"gray_alpha{bits}", GRAY_ALPHA, bits)
    png(f"rgb{bits}", RGB, bits)
    png(f"rgba{bits}", RGBA, bits)
for bits in (1, 2, 4):
    png(f"palette{bits}", PALETTE, bits)
png("palette4_transparent", PALETTE, 4, bytes(range(0, 150, 10)))
png("gray8_transparent", GRAY, 8, struct.pack(">H", 7))
png("rgb8_transparent", RGB, 8, struct.pack(">HHH", 1, 2, 3))
png("gray1_interlaced", GRAY, 1, interlaced=True)
png("gray16_interlaced", GRAY, 16, interlaced=True)
png("palette2_interlaced", PALETTE, 2, interlaced=True)
png("rgba8_interlaced", RGBA, 8, interlaced=True)
png("mask16", GRAY, 16, values=np.array([0, 1, 256])[np.arange(HEIGHT * WIDTH) % 3].reshape(HEIGHT, WIDTH, 1))

jpeg("gray", "L", quality=80)
jpeg("gray_progressive", "L", quality=80, progressive=True)
jpeg("rgb_444", quality=90, subsampling="4:4:4")
jpeg("rgb_422", quality=70, subsampling="4:2:2")
jpeg("rgb_420", quality=70, subsampling="4:2:0")
jpeg("rgb_420_progressive", quality=70, subsampling="4:2:0", progressive=True)
jpeg("rgb_restart", quality=60, restart_marker_blocks=1)
jpeg("rgb_untransformed", quality=60, keep_rgb=True)
jpeg("cmyk", "CMYK", quality=80)
orientation = Image.Exif()
orientation[0x0112] = 6
jpeg("rgb_rotated_by_exif", quality=60, exif=orientation)

# What says how colours are to be shown, which no reader of pixels heeds.
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
profile = profile[:24] + bytes(12) + profile[36:]  # without the time of now
chroma = chunk(b"cHRM", struct.pack(">8I", *[30000] * 8))
png("rgb8_gamma", RGB, 8, before=chunk(b"gAMA", struct.pack(">I", 100000)) + chroma)
png("gray16_gamma", GRAY, 16, before=chunk(b"gAMA", struct.pack(">I", 22727)))
png("rgb8_profile", RGB, 8, before=chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)))
png("rgb8_background", RGB, 8, struct.pack(">HHH", 1, 2, 3), before=chunk(b"bKGD", struct.pack(">HHH", 9, 9, 9)))
png("gray2_transparent", GRAY, 2, struct.pack(">H", 1))
png("gray_alpha16_interlaced", GRAY_ALPHA, 16, interlaced=True)
png("palette1_transparent", PALETTE, 1, b"\0\xff")
# Adobe's marker says that the inks are YCCK.
cmyk = (OUT / "cmyk.jpg").read_bytes()
place = cmyk.index(b"Adobe") + 11
save("ycck.jpg", cmyk[:place] + b"\2" + cmyk[place + 1 :])
save("cmyk_unmarked.jpg", cmyk[: cmyk.index(b"\xff\xee")] + cmyk[cmyk.index(b"\xff\xee") + 16 :])
jpeg("rgb_profile", quality=60, icc_profile=profile)
save_file(decoded, OUT / "decoded.safetensors")
