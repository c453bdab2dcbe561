"""Writes parts/convolutional.safetensors: one training step of a tiny DRAEM in PyTorch, in double precision, and
scikit-learn's Ledoit-Wolf covariance.

`python make_convolutional.py`; needs torch, scikit-learn, numpy and safetensors. Weights and inputs are functions of
their names, see uniform() in make_backbones.py and weight() below. Of each gradient the 2-norm and every STEP-th
element are stored.
"""
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from sklearn.covariance import ledoit_wolf
from torch import nn

from make_backbones import uniform
from make_training_ops import ssim

OUT = pathlib.Path(__file__).parent / "parts" / "convolutional.safetensors"
WIDTH, SIZE, BATCH, STEP = 2, 64, 2, 13


def double_conv(cin, mid, cout):
    return nn.Sequential(nn.Conv2d(cin, mid, 3, padding=1), nn.BatchNorm2d(mid), nn.ReLU(),
                         nn.Conv2d(mid, cout, 3, padding=1), nn.BatchNorm2d(cout), nn.ReLU())


def up_conv(cin, cout):
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
                         nn.Conv2d(cin, cout, 3, padding=1), nn.BatchNorm2d(cout), nn.ReLU())


class Reconstruction(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.encoder, self.decoder = nn.Module(), nn.Module()
        for i, (a, b) in enumerate([(3, w), (w, 2 * w), (2 * w, 4 * w), (4 * w, 8 * w), (8 * w, 8 * w)], 1):
            self.encoder.add_module(f"block{i}", double_conv(a, b, b))
        for i, (a, b) in enumerate([(8 * w, 4 * w), (4 * w, 2 * w), (2 * w, w), (w, w)], 1):
            self.decoder.add_module(f"up{i}", up_conv(a, a))
            self.decoder.add_module(f"db{i}", double_conv(a, a, b))
        self.decoder.fin_out = nn.Sequential(nn.Conv2d(w, 3, 3, padding=1))

    def forward(self, x):
        for i in range(1, 6):
            x = self.encoder.get_submodule(f"block{i}")(F.max_pool2d(x, 2) if i > 1 else x)
        for i in range(1, 5):
            x = self.decoder.get_submodule(f"db{i}")(self.decoder.get_submodule(f"up{i}")(x))
        return self.decoder.fin_out(x)


class Segmentation(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.encoder_segment, self.decoder_segment = nn.Module(), nn.Module()
        stages = [w, 2 * w, 4 * w, 8 * w, 8 * w, 8 * w]
        for i, (a, b) in enumerate(zip([6] + stages, stages), 1):
            self.encoder_segment.add_module(f"block{i}", double_conv(a, b, b))
        outputs = [8 * w, 4 * w, 2 * w, w, w]
        for name, a, b, skip in zip(["_b", "1", "2", "3", "4"], [8 * w] + outputs, outputs, stages[-2::-1]):
            self.decoder_segment.add_module(f"up{name}", up_conv(a, b))
            self.decoder_segment.add_module(f"db{name}", double_conv(b + skip, b, b))
        self.decoder_segment.fin_out = nn.Sequential(nn.Conv2d(w, 2, 3, padding=1))

    def forward(self, x):
        stages = []
        for i in range(1, 7):
            x = self.encoder_segment.get_submodule(f"block{i}")(F.max_pool2d(x, 2) if i > 1 else x)
            stages.append(x)
        for name, skip in zip(["_b", "1", "2", "3", "4"], stages[-2::-1]):
            x = self.decoder_segment.get_submodule(f"up{name}")(x)
            x = self.decoder_segment.get_submodule(f"db{name}")(torch.cat((x, skip), 1))
        return self.decoder_segment.fin_out(x)


class Draem(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.reconstruction, self.segmentation = Reconstruction(w), Segmentation(w)

    def forward(self, x):
        image = self.reconstruction(x)
        return image, self.segmentation(torch.cat((image, x), 1))


def weight(name, shape):
    u = uniform(name, tuple(shape)).double()
    if len(shape) == 4:  # uniform with variance 2 / fan-in
        return (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))
    if name.endswith("weight"):
        return 0.5 * u + 0.25
    return 0.2 * u + 2.4  # few values come near the kink of ReLU, where rounding would decide about a gradient


def main():
    out = {}
    network = Draem(WIDTH).double()
    for name, p in network.named_parameters():
        p.data = weight(name, p.shape)
    normal = uniform("normal", (BATCH, SIZE, SIZE, 3)).double().permute(0, 3, 1, 2)
    pasted = uniform("pasted", (BATCH, SIZE, SIZE, 3)).double().permute(0, 3, 1, 2)
    labels = (uniform("labels", (BATCH, SIZE, SIZE)) > 0.8).long()
    image, logits = network(pasted)
    p = F.softmax(logits, 1).gather(1, labels[:, None])
    reconstruction = F.mse_loss(image, normal) + 1 - ssim(image, normal)
    segmentation = (-((1 - p) ** 2) * p.log()).mean()
    (reconstruction + segmentation).backward()
    out["draem.losses"] = np.array([reconstruction.item(), segmentation.item()], dtype=np.float32)
    for name, p in network.named_parameters():
        out[f"draem.norm.{name}"] = np.array([p.grad.norm().item()], dtype=np.float32)
        out[f"draem.gradient.{name}"] = p.grad.flatten()[::STEP].float().numpy()
    for name, b in network.named_buffers():
        if name.endswith("running_var"):
            out[f"draem.buffer.{name}"] = b.float().numpy()

    for name, rows, channels in (("few", 7, 12), ("many", 60, 9)):
        x = uniform(f"ledoit_wolf.{name}", (rows, channels)).double().numpy() * np.linspace(0.2, 3, channels)
        x[:, 1] += x[:, 0]
        covariance, shrinkage = ledoit_wolf(x)
        out[f"ledoit_wolf.{name}.covariance"] = covariance.astype(np.float32)
        out[f"ledoit_wolf.{name}.mean"] = x.mean(0).astype(np.float32)
        out[f"ledoit_wolf.{name}.shrinkage"] = np.array([shrinkage], dtype=np.float32)
    save_file(out, OUT, metadata={"width": str(WIDTH), "size": str(SIZE), "batch": str(BATCH), "step": str(STEP)})
    print(OUT.stat().st_size, "bytes", out["draem.losses"])


if __name__ == "__main__":
    main()
