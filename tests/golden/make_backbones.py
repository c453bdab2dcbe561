"""Writes backbones.safetensors: what PyTorch computes for every backbone, in double precision.

`python make_backbones.py`; needs torch, numpy and safetensors. With torchvision installed it also checks the ResNets
below against torchvision's.

No weights are stored: element i of the tensor NAME is a function of (NAME, i) alone, see uniform(), and the program
computes the same numbers. Of each map B x h x w x C, channels last, it stores every STEP-th value and the mean square.
"""
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

OUT = pathlib.Path(__file__).parent / "backbones.safetensors"
HEIGHT, WIDTH, STEP = 64, 88, 97


def uniform(name, shape):
    """Numbers in [0, 1) with 24 bits: splitmix64 of (FNV-1a of the name) + i."""
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = (key ^ byte) * 0x100000001B3 % 2**64
    x = np.uint64(key) + np.arange(math.prod(shape), dtype=np.uint64)
    x += np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return torch.tensor((x >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)).reshape(shape)


class Weights:
    """Remembers what was asked for, so that it can be loaded into another implementation."""

    def __init__(self):
        self.tensors = {}

    def __call__(self, name, *shape):
        u = uniform(name, shape)
        if name.endswith("running_var"):
            value = u + 0.5
        elif len(shape) == 4:  # uniform with variance 1 / fan-in: neither dies nor amplifies rounding
            value = (2 * u - 1) * np.float32(math.sqrt(3 / math.prod(shape[1:])))
        elif name.endswith("weight"):
            value = u + 0.5
        else:
            value = u - 0.5
        self.tensors[name] = value
        return value.double()

    def norm(self, x, name, epsilon):
        c = x.shape[1]
        weight, bias = self(f"{name}.weight", c), self(f"{name}.bias", c)
        mean, variance = self(f"{name}.running_mean", c), self(f"{name}.running_var", c)
        return F.batch_norm(x, mean, variance, weight, bias, eps=epsilon)


# width, depth, native size
EFFICIENTNETS = {
    "efficientnet_b0": (1.0, 1.0, 224), "efficientnet_b1": (1.0, 1.1, 240), "efficientnet_b2": (1.1, 1.2, 260),
    "efficientnet_b3": (1.2, 1.4, 300), "efficientnet_b4": (1.4, 1.8, 380), "efficientnet_b5": (1.6, 2.2, 456),
    "efficientnet_b6": (1.8, 2.6, 528), "efficientnet_b7": (2.0, 3.1, 600), "efficientnet_lite0": (1.0, 1.0, 224),
    "efficientnet_lite1": (1.0, 1.1, 240), "efficientnet_lite2": (1.1, 1.2, 260),
    "efficientnet_lite3": (1.2, 1.4, 280), "efficientnet_lite4": (1.4, 1.8, 300),
}
# repeats, kernel, stride, expand, channels out, whether a feature map ends here
STAGES = ((1, 3, 1, 1, 16, True), (2, 3, 2, 6, 24, True), (2, 5, 2, 6, 40, True), (3, 3, 2, 6, 80, False),
          (3, 5, 1, 6, 112, True))


def efficientnet(name, image, weights):
    width, depth, size = EFFICIENTNETS[name]
    lite = "lite" in name
    act = F.relu6 if lite else F.silu

    def channels(c):
        scaled = c * width
        rounded = max(8, int(scaled + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * scaled else rounded

    def conv(x, key, cout, kernel, stride=1, groups=1, bias=False):
        w = weights(f"{key}.weight", cout, x.shape[1] // groups, kernel, kernel)
        if kernel > 1:  # SAME for the native size
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            x = F.pad(x, (total // 2, total - total // 2) * 2)
        return F.conv2d(x, w, weights(f"{key}.bias", cout) if bias else None, stride, groups=groups)

    def norm(x, key):
        return weights.norm(x, key, 1e-3)

    x = act(norm(conv(image, "_conv_stem", 32 if lite else channels(32), 3, 2), "_bn0"))
    size = math.ceil(size / 2)
    features, block = [], 0
    for stage, (repeats, kernel, stride, expand, cout, last) in enumerate(STAGES):
        for r in range(repeats if lite and stage == 0 else math.ceil(repeats * depth)):
            key, cin, before = f"_blocks.{block}.", x.shape[1], x
            if expand != 1:
                x = act(norm(conv(x, key + "_expand_conv", cin * expand, 1), key + "_bn0"))
            s = stride if r == 0 else 1
            x = act(norm(conv(x, key + "_depthwise_conv", x.shape[1], kernel, s, x.shape[1]), key + "_bn1"))
            size = math.ceil(size / s)
            if not lite:
                y = conv(x.mean((2, 3), keepdim=True), key + "_se_reduce", max(1, cin // 4), 1, bias=True)
                x = x * torch.sigmoid(conv(act(y), key + "_se_expand", x.shape[1], 1, bias=True))
            x = norm(conv(x, key + "_project_conv", channels(cout), 1), key + "_bn2")
            if s == 1 and x.shape == before.shape:
                x = x + before
            block += 1
        if last:
            features.append(x)
    return features


# blocks of layer1 to layer3, channels of the 3 x 3 convolutions, bottleneck
RESNETS = {"resnet18": ((2, 2, 2), 64, False), "resnet34": ((3, 4, 6), 64, False), "resnet50": ((3, 4, 6), 64, True),
           "wide_resnet50_2": ((3, 4, 6), 128, True)}


def resnet(name, image, weights):
    blocks, width, bottleneck = RESNETS[name]

    def conv(x, key, norm, cout, kernel, stride=1):
        x = F.conv2d(x, weights(f"{key}.weight", cout, x.shape[1], kernel, kernel), None, stride, kernel // 2)
        return weights.norm(x, norm, 1e-5)

    x = F.relu(conv(image, "conv1", "bn1", 64, 7, 2))
    features = [x]
    x = F.max_pool2d(x, 3, 2, 1)
    for layer, count in enumerate(blocks):
        cout, mid = (256 if bottleneck else 64) << layer, width << layer
        for b in range(count):
            key, stride = f"layer{layer + 1}.{b}.", 2 if layer and b == 0 else 1
            shapes = ((mid, 1, 1), (mid, 3, stride), (cout, 1, 1)) if bottleneck else ((mid, 3, stride), (mid, 3, 1))
            y = x
            for i, (c, kernel, s) in enumerate(shapes, 1):
                y = conv(y, f"{key}conv{i}", f"{key}bn{i}", c, kernel, s)
                y = F.relu(y) if i < len(shapes) else y
            if stride != 1 or x.shape[1] != cout:
                x = conv(x, key + "downsample.0", key + "downsample.1", cout, 1, stride)
            x = F.relu(x + y)
        features.append(x)
    return features


def check_against_torchvision(name, image, features, weights):
    try:
        import torchvision
    except ImportError:
        print(f"{name}: torchvision is not installed, not checked")
        return
    net = getattr(torchvision.models, name)().double().eval()
    unknown = net.load_state_dict(weights.tensors, strict=False).unexpected_keys
    assert not unknown, unknown
    x = net.relu(net.bn1(net.conv1(image)))
    theirs = [x]
    x = net.maxpool(x)
    for layer in (net.layer1, net.layer2, net.layer3):
        x = layer(x)
        theirs.append(x)
    worst = max(((a - b).abs().max() / b.abs().max()).item() for a, b in zip(features, theirs))
    assert worst < 1e-12, (name, worst)
    print(f"{name}: equals torchvision's to {worst:.1e}")


def main():
    torch.set_grad_enabled(False)
    image = (4 * uniform("image", (1, HEIGHT, WIDTH, 3)) - 2).double().permute(0, 3, 1, 2)
    out = {}
    for name in (*EFFICIENTNETS, *RESNETS):
        weights = Weights()
        features = (efficientnet if name in EFFICIENTNETS else resnet)(name, image, weights)
        if name in RESNETS:
            check_against_torchvision(name, image, features, weights)
        for level, x in enumerate(features):
            x = x.permute(0, 2, 3, 1).contiguous()
            out[f"{name}.{level}.shape"] = np.array(x.shape, dtype=np.int64)
            out[f"{name}.{level}.values"] = x.flatten()[::STEP].float().numpy()
            out[f"{name}.{level}.mean_square"] = np.array([x.square().mean().item()], dtype=np.float32)
        print(name, [f"{math.sqrt(x.square().mean()):.3g}" for x in features])
    save_file(out, OUT, metadata={"height": str(HEIGHT), "width": str(WIDTH), "step": str(STEP)})


if __name__ == "__main__":
    main()
