"""Makes a model of each format from models that this program learned:

  iuf synth data --size 64 --train 6 --test-good 1 --per-defect 1 --objects biscuit,gear
  iuf train data --steps "biscuit;gear" --method gaussian --image-size 64 --out gaussian
  iuf train data --steps "biscuit;gear" --method iuf --local gaussian --image-size 64 --grid 4 --hidden 16 --heads 2 \
    --encoder-layers 1 --decoder-layers 1 --feed-forward 16 --epochs 3 --increment-epochs 2 --out iuf
  iuf train data --steps "biscuit;gear" --method gaussian --image-size 64 --ignore masks --out ignoring
  python3 make_formats.py gaussian/model.safetensors iuf/model.safetensors ignoring/model.safetensors OUT

where masks/gear.png is white in its lower quarter. A model that ignores something has format 3.

Format 1 is written as the last version that wrote it did: the keys and tensors that it had, no checksum. The backbone,
which every model holds, is left out; the test puts the program's own in. The checksum of format 2 is made anew there.
"""
import json
import struct
import sys
from pathlib import Path

# What format 1 did not know, of settings, objects and the description.
NEW_SETTINGS = ["false-alarms", "window", "orientation", "metrics-size", "local", "fusion", "views",
                "budget-ms"]
OLD_OBJECT = ["name", "step", "threshold", "low", "high", "train_images", "held_out_images", "fingerprint"]
OLD_DESCRIPTION = ["format", "profile", "method", "version", "steps", "settings", "objects", "history", "method_state"]


def read(path):
    data = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = (entry["dtype"], entry["shape"], data[8 + size + begin:8 + size + end])
    return json.loads(metadata["iuf_model"]), tensors


def write(path, description, tensors):
    header, data = {"__metadata__": {"iuf_model": json.dumps(description)}}, b""
    for name, (dtype, shape, values) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def of_format_1(description):
    old = {key: description[key] for key in OLD_DESCRIPTION if key in description}
    old["format"] = 1
    settings = {k: v for k, v in description["settings"].items() if k not in NEW_SETTINGS}
    settings["quantile"] = 1 - description["settings"]["false-alarms"]
    old["settings"] = settings
    old["objects"] = [{key: o[key] for key in OLD_OBJECT} for o in description["objects"]]
    return old


for path in sys.argv[1:-1]:
    model, parts = read(path)
    own = {n: t for n, t in parts.items() if not n.startswith("backbone.")}
    folder = Path(sys.argv[-1])
    if model["format"] == 3:
        write(folder / f"{model['method']}_3.safetensors", model, own)
        continue
    write(folder / f"{model['method']}_2.safetensors", model, own)
    write(folder / f"{model['method']}_1.safetensors", of_format_1(model),
          {n: t for n, t in own.items() if not n.startswith("novelty.")})
