"""Writes published/: small checkpoints laid out as IUF's and UniAD's training code saves them, and the maps they give
in PyTorch.

`python make_published.py FOLDER`, FOLDER holding the reference iuf_torch.py; needs torch, numpy, Pillow, easydict and
safetensors. The features are those of EfficientNet-Lite0 with the weights in weights/, the image is pattern.png.
"""
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from easydict import EasyDict
from PIL import Image
from safetensors.torch import load_file, save_file

sys.path.insert(0, sys.argv[1])
from iuf_torch import EfficientNetFeatures, Reconstruction, align_features  # noqa: E402

HERE = pathlib.Path(__file__).parent
OUT = HERE / "published"


def main():
    OUT.mkdir(exist_ok=True)
    backbone = EfficientNetFeatures("efficientnet_lite0").eval()
    weights = load_file(HERE.parent.parent / "weights/efficientnet_lite0_features.safetensors")
    backbone.load_state_dict(backbone.state_dict() | weights)
    pixels = np.asarray(Image.open(HERE / "pattern.png").resize((224, 224), Image.BILINEAR)).astype(np.float32)
    image = torch.tensor((pixels - 127) / 128).permute(2, 0, 1)[None]
    out = {}
    for name, oasa in (("iuf", True), ("uniad", False)):
        torch.manual_seed(7)
        net = Reconstruction(192, (14, 14), 16, heads=8, enc=2, dec=3, ff=24, num_classes=3, patch=1, oasa=oasa,
                             masks=(not oasa,) * 3)
        for key, p in net.state_dict().items():
            if key.endswith("running_var"):
                p.uniform_(0.5, 1.5)
            elif p.is_floating_point() and p.dim() == 1:
                p.add_(0.1 * torch.randn_like(p))
        state = {f"module.reconstruction.{k}": v for k, v in net.state_dict().items()}
        optimizer = torch.optim.AdamW(net.parameters())
        config = [EasyDict({"name": "reconstruction",
                            "kwargs": {"hidden_dim": 16, "neighbor_mask": {"mask": [not oasa] * 3}}})]
        checkpoint = {"epoch": 1600, "arch": config, "state_dict": state, "best_metric": np.float64(0.96),
                      "optimizer": optimizer.state_dict()}
        if oasa:  # the token means of every linear2, 20 images
            checkpoint["feature_metrix"] = {f"module.reconstruction.{k}": torch.randn(20, 16)
                                            for k, _ in net.named_modules() if k.endswith("linear2")}
        torch.save(checkpoint, OUT / f"{name}.pth")
        with torch.no_grad():
            o = net.eval()(image, align_features(backbone(image)))
        out[f"{name}.map"] = o["pred"][0, 0]
        out[f"{name}.score"] = F.avg_pool2d(o["pred"], 16).max()
        if oasa:
            out[f"{name}.class_out"] = o["class_out"][0]
    out = {k: v[::8, ::8].contiguous() if v.dim() == 2 else v for k, v in out.items()}  # every eighth row and column
    save_file(out, OUT / "maps.safetensors")
    print({k: v.flatten()[:3].tolist() for k, v in out.items()})


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
