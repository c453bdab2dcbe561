"""Writes the small PyTorch files of this folder: python make_files.py (needs torch and numpy)."""
import collections
import io
import pickle
import struct
import tarfile

import numpy as np
import torch

base = torch.arange(24, dtype=torch.float32)
VIEWS = collections.OrderedDict(
    whole=base.reshape(2, 3, 4),
    transposed=base.reshape(4, 6).t(),  # strides 1, 6
    column=base.reshape(4, 6)[:, 2],  # offset 2, stride 6
    tail=base[20:],  # offset 20, contiguous
    repeated=torch.tensor([1.0, 2.0]).reshape(2, 1).expand(2, 3),  # stride 0
    empty=torch.zeros(0, 5),
    scalar=torch.tensor(2.5, dtype=torch.float64),
)
DTYPES = {
    "f64": torch.tensor([0.1, -2.0], dtype=torch.float64),
    "f16": torch.tensor([1.5, -65504.0, 6e-8], dtype=torch.float16),
    "bf16": torch.tensor([1.5, -3e38], dtype=torch.bfloat16),
    "i64": torch.tensor([2**40, -1]),
    "i32": torch.tensor([7, -7], dtype=torch.int32),
    "i16": torch.tensor([300, -300], dtype=torch.int16),
    "i8": torch.tensor([-128, 127], dtype=torch.int8),
    "u8": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False]),
}


def legacy(obj, path):
    torch.save(obj, path, _use_new_zipfile_serialization=False)


def tar(path):
    """The layout of torch.save before 0.1.8: a parameter w (2 x 2, transposed), a buffer b, a view of a storage."""
    storages, tensors = io.BytesIO(), io.BytesIO()

    class Global:
        """Pickles as a bare name."""

        def __init__(self, name):
            self.name = name

    class Pickler(pickle._Pickler):
        dispatch = dict(pickle._Pickler.dispatch)

        def save_named(self, obj):
            module, name = obj.name.rsplit(".", 1)
            self.write(b"c" + module.encode() + b"\n" + name.encode() + b"\n")

        dispatch[Global] = save_named

        def persistent_id(self, obj):
            return obj[1] if isinstance(obj, tuple) and obj[:1] == ("tensor",) else None

    def dump(obj, out):
        Pickler(out, 2).dump(obj)

    dump(1, storages)
    dump((100, "cpu", Global("torch.FloatStorage")), storages)
    storages.write(struct.pack("<q6f", 6, 0, 1, 2, 3, 4, 5))
    dump([(200, 100, 4, 2)], storages)
    dump(2, tensors)
    dump((1, 100, Global("torch.FloatTensor")), tensors)
    tensors.write(struct.pack("<iiqqqqq", 2, 0, 2, 2, 1, 2, 0))
    dump((2, 200, Global("torch.FloatTensor")), tensors)
    tensors.write(struct.pack("<iiqqq", 1, 0, 2, 1, 0))
    out = io.BytesIO()
    p = Pickler(out, 2)
    # OrderedDict([["w", Parameter(tensor)], ["b", tensor]]), as Python 2 pickled it
    p.write(b"\x80\x02ccollections\nOrderedDict\n](](U\x01wctorch.nn.parameter\nParameter\n)\x81(")
    p.write(b"U\x011QNccollections\nOrderedDict\n]\x85R\x88\x89tbe](U\x01bU\x012Qee\x85R.")
    sys_info = io.BytesIO()
    dump({"protocol_version": 1000, "little_endian": True}, sys_info)
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
        for name, data in (("sys_info", sys_info), ("pickle", out), ("tensors", tensors), ("storages", storages)):
            info = tarfile.TarInfo(name)
            info.size = len(data.getvalue())
            archive.addfile(info, io.BytesIO(data.getvalue()))


net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
with torch.no_grad():
    for i, p in enumerate(net.parameters()):
        p.fill_(float(i + 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
net(torch.ones(4, 2)).sum().backward()
optimizer.step()
with torch.no_grad():
    for i, p in enumerate(net.parameters()):
        p.fill_(float(i + 1))
schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5])
NESTED = {
    "epoch": 7,
    "best": np.float32(0.5),
    "note": "two\nlines",
    "done": True,
    "rng": torch.get_rng_state(),
    "optimizer": optimizer.state_dict(),
    "schedule": schedule.state_dict(),
    "device": torch.device("cpu"),
    "size": torch.Size([1, 2]),
    "model": {f"module.module.{k}": v for k, v in net.state_dict().items()} | {"module.module.config": {"a": 1}},
}

torch.save(VIEWS, "views_zip.pth")
legacy(VIEWS, "views_legacy.pth")
torch.save(DTYPES, "dtypes_zip.pth", pickle_protocol=4)
legacy(DTYPES, "dtypes_legacy.pth")
torch.save({"rng": NESTED["rng"][:4].clone(), **{k: v for k, v in NESTED.items() if k != "rng"}}, "nested.pth",
           pickle_protocol=3)
torch.save({"parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0]))}, "parameter.pth")
torch.save({"generator": {"a": torch.ones(1)}, "list": [{"x": torch.ones(2), "y": torch.ones(3)}]}, "largest.pth")
tar("tar.pth")
