"""Writes parts/training_ops.safetensors: what PyTorch computes, forward and backward in double precision, for the
operations that convolutional networks are trained with.

`python make_training_ops.py`; needs torch, numpy and safetensors. Inputs are functions of their names, see uniform() in
make_backbones.py; a gradient is that of the sum of the output times uniform(NAME.weight) - 0.5. Maps are stored
channels last.
"""
import pathlib

import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

from make_backbones import uniform

OUT = pathlib.Path(__file__).parent / "parts" / "training_ops.safetensors"
out = {}


def leaf(name, *shape):
    return (2 * uniform(name, shape).double() - 1).requires_grad_()


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1).contiguous() if x.dim() == 4 else x


def store(name, y, /, **inputs):
    """y: channels last, or a scalar."""
    weight = uniform(f"{name}.weight", tuple(y.shape)).double() - 0.5 if y.dim() else torch.tensor(1.0)
    (y * weight).sum().backward()
    out[f"{name}.y"] = y.detach().float().numpy().reshape(y.shape or (1,))
    for key, x in inputs.items():
        out[f"{name}.d{key}"] = x.grad.float().contiguous().numpy()


def ssim(x, y):
    """Wang et al. 2004 with a Gaussian window of 11 x 11, deviation 1.5, over maps padded with zeros."""
    line = torch.exp(-0.5 * ((torch.arange(11).double() - 5) / 1.5) ** 2)
    window = (line[:, None] * line[None] / line.sum() ** 2).expand(x.shape[1], 1, 11, 11)

    def mean(v):
        return F.conv2d(v, window, padding=5, groups=v.shape[1])

    mx, my = mean(x), mean(y)
    variances, covariance = mean(x * x) - mx * mx + mean(y * y) - my * my, mean(x * y) - mx * my
    return ((2 * mx * my + 1e-4) * (2 * covariance + 9e-4) / ((mx * mx + my * my + 1e-4) * (variances + 9e-4))).mean()


# name: input, weight, bias, stride, padding (top, bottom, left, right), depthwise
CONVOLUTIONS = {
    "conv.same": ((2, 9, 12, 5), (7, 5, 3, 3), True, 1, (1, 1, 1, 1), False),
    "conv.asymmetric": ((2, 10, 9, 3), (8, 3, 3, 3), False, 2, (0, 1, 0, 1), False),
    "conv.five": ((1, 11, 13, 4), (6, 4, 5, 5), True, 3, (1, 2, 2, 2), False),
    "conv.pointwise": ((3, 5, 7, 20), (9, 20, 1, 1), True, 1, (0, 0, 0, 0), False),
    "depthwise.same": ((2, 8, 9, 17), (17, 1, 3, 3), True, 1, (1, 1, 1, 1), True),
    "depthwise.asymmetric": ((2, 9, 10, 6), (6, 1, 5, 5), False, 2, (1, 2, 1, 2), True),
    "depthwise.window": ((2, 14, 15, 3), (3, 1, 11, 1), False, 1, (5, 5, 0, 0), True),
}


def main():
    for name, (shape, weight, biased, stride, (top, bottom, left, right), depthwise) in CONVOLUTIONS.items():
        x, w = leaf(f"{name}.x", *shape), leaf(f"{name}.w", *weight)
        b = leaf(f"{name}.b", weight[0]) if biased else None
        padded = F.pad(channels_first(x), (left, right, top, bottom))
        y = F.conv2d(padded, w, b, stride, groups=shape[-1] if depthwise else 1)
        store(name, channels_last(y), x=x, w=w, **({"b": b} if biased else {}))

    x = leaf("max_pool.x", 2, 9, 8, 5)
    store("max_pool", channels_last(F.max_pool2d(channels_first(x), 3, 2, 1)), x=x)
    x = leaf("upsample.x", 2, 5, 6, 4)
    larger = F.interpolate(channels_first(x), (10, 13), mode="bilinear", align_corners=True)
    store("upsample", channels_last(larger), x=x)

    x, y = (uniform(f"ssim.{k}", (2, 16, 14, 3)).double().requires_grad_() for k in "xy")
    store("ssim", ssim(channels_first(x), channels_first(y)), x=x, y=y)

    x = (8 * uniform("focal.x", (40, 3)).double() - 4).requires_grad_()
    labels = torch.arange(40) * 7 % 3
    p = F.softmax(x, -1).gather(1, labels[:, None])
    store("focal", (-((1 - p) ** 2) * p.log()).mean(), x=x)

    save_file(out, OUT)
    print(OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
