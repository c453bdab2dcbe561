"""Writes parts/retention.safetensors: what EWC, SI, MAS and LVT compute on a small UniAD network, by PyTorch in double
precision.

`python make_retention.py FOLDER`, where FOLDER holds iuf_torch.py, the project's rendering of the network in PyTorch;
needs torch and safetensors.

Two steps of full-batch SGD with learning rate LR: the first on images `a`, from the weights param.*, the second on
images `b`. Per method M: M.importance.NAME after the first step and M.both.NAME after the second, M.weight.NAME the
weights at the end, M.penalty the penalty before each iteration of the second step.
"""
import copy
import math
import pathlib
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

sys.path.insert(0, sys.argv[1])
from iuf_torch import Reconstruction  # noqa: E402

OUT = pathlib.Path(__file__).parent / "parts" / "retention.safetensors"
INPLANES, SIDE, DIM, HEADS, FF, IMAGES = 6, 4, 8, 2, 12, 5
ITERATIONS, LR, DAMPING = 4, 0.1, 1e-3
STRENGTH = {"ewc": 400.0, "si": 0.02, "mas": 0.05, "lvt": 0.5}


class ExternalAttention(nn.Module):
    """softmax(q (k + K_e)^T / sqrt(d) + b) v with the projections of a MultiheadAttention; tokens are T x B x C."""

    def __init__(self, attention):
        super().__init__()
        self.in_proj_weight, self.in_proj_bias = attention.in_proj_weight, attention.in_proj_bias
        self.out_proj = attention.out_proj
        self.external_key = nn.Parameter(torch.randn(SIDE * SIDE, DIM))
        self.external_bias = nn.Parameter(torch.randn(SIDE * SIDE, SIDE * SIDE))

    def forward(self, q, k, v, attn_mask, need_weights):
        wq, wk, wv = self.in_proj_weight.chunk(3)
        bq, bk, bv = self.in_proj_bias.chunk(3)
        q, k, v = q @ wq.T + bq, k @ wk.T + bk + self.external_key[:, None], v @ wv.T + bv
        out = torch.empty_like(q)
        d = DIM // HEADS
        for b in range(q.shape[1]):
            for h in range(HEADS):
                part = slice(h * d, (h + 1) * d)
                scores = q[:, b, part] @ k[:, b, part].T / math.sqrt(d) + self.external_bias + attn_mask
                out[:, b, part] = torch.softmax(scores, -1) @ v[:, b, part]
        return self.out_proj(out), None


def network():
    m = Reconstruction(INPLANES, (SIDE, SIDE), DIM, heads=HEADS, enc=2, dec=1, ff=FF, dropout=0.0, jitter=0.0,
                       masks=(True, True, True), neighbor=(3, 3), oasa=False)
    for p in m.parameters():  # biases and norms too
        if p.dim() == 1:
            p.data += 0.1 * torch.randn_like(p)
    return m


def loss(m, images):
    return F.mse_loss(m(None, images)["feature_rec"], images)


def train(m, images, penalty, watch):
    penalties = []
    for _ in range(ITERATIONS):
        m.zero_grad()
        loss(m, images).backward()
        gradients = {k: p.grad.clone() for k, p in m.named_parameters()}
        before = {k: p.detach().clone() for k, p in m.named_parameters()}
        value = penalty(m)
        if torch.is_tensor(value):
            value.backward()
        penalties.append(float(value.detach()) if torch.is_tensor(value) else value)
        with torch.no_grad():
            for p in m.parameters():
                p -= LR * p.grad
        watch(m, gradients, before)
    return penalties


def quadratic(strength, omega, old):
    return lambda m: strength / 2 * sum((omega[k] * (p - old[k]) ** 2).sum() for k, p in m.named_parameters())


def gradients_per_image(m, images, objective):
    for i in range(len(images)):
        m.zero_grad()
        objective(images[i:i + 1]).backward()
        yield {k: p.grad.clone() for k, p in m.named_parameters()}


def mean(values):
    values = list(values)
    return {k: sum(v[k] for v in values) / len(values) for k in values[0]}


def step(name, m, images, penalty):
    """Trains, and returns the step's importances and the penalties."""
    start = {k: p.detach().clone() for k, p in m.named_parameters()}
    path = {k: torch.zeros_like(p) for k, p in start.items()}
    absolute = {k: torch.zeros_like(p) for k, p in start.items() if "external" in k}

    def watch(m, gradients, before):
        for k, p in m.named_parameters():
            path[k] -= gradients[k] * (p.detach() - before[k])
            if k in absolute:
                absolute[k] += gradients[k].abs() / ITERATIONS

    penalties = train(m, images, penalty, watch)
    if name == "ewc":
        gradients = gradients_per_image(m, images, lambda x: loss(m, x))
        return mean({k: g ** 2 for k, g in v.items()} for v in gradients), penalties
    if name == "mas":
        norm = lambda x: (m(None, x)["feature_rec"] ** 2).sum()  # noqa: E731
        return mean({k: g.abs() for k, g in v.items()} for v in gradients_per_image(m, images, norm)), penalties
    if name == "si":
        omega = {k: path[k].clamp(min=0) / ((p.detach() - start[k]) ** 2 + DAMPING) for k, p in m.named_parameters()}
        return omega, penalties
    return absolute, penalties


def main():
    torch.manual_seed(3)
    torch.set_default_dtype(torch.float64)
    plain = network()
    a, b = torch.randn(IMAGES, INPLANES, SIDE, SIDE), 0.5 * torch.randn(IMAGES, INPLANES, SIDE, SIDE) + 1
    external = copy.deepcopy(plain)
    for layer in external.transformer.encoder.layers:
        layer.self_attn = ExternalAttention(layer.self_attn)
    tensors = {f"param.{k}": p for k, p in external.named_parameters()}
    tensors |= {"in.a": a, "in.b": b}
    tensors |= {"out.plain": plain(None, a)["feature_rec"], "out.external": external(None, a)["feature_rec"]}
    for name, strength in STRENGTH.items():
        m = copy.deepcopy(external if name == "lvt" else plain)
        omega, _ = step(name, m, a, lambda m: 0.0)
        old = {k: p.detach().clone() for k, p in m.named_parameters()}
        if name == "lvt":
            penalty = lambda m: strength * sum((omega[k] * (p - old[k]).abs()).sum()  # noqa: E731
                                               for k, p in m.named_parameters() if k in omega)
        else:
            penalty = quadratic(strength, omega, old)
        free = copy.deepcopy(m)
        step(name, free, b, lambda m: 0.0)
        second, penalties = step(name, m, b, penalty)
        tensors |= {f"{name}.importance.{k}": v for k, v in omega.items()}
        tensors |= {f"{name}.both.{k}": v + second[k] for k, v in omega.items()}
        tensors |= {f"{name}.weight.{k}": p for k, p in m.named_parameters()}
        tensors[f"{name}.penalty"] = torch.tensor(penalties)
        way = lambda n: math.sqrt(sum(float(((p.detach() - old[k]) ** 2).sum())  # noqa: E731
                                      for k, p in n.named_parameters() if k in omega))
        print(f"{name}: penalties {penalties}, way {way(m):.4f}, without penalty {way(free):.4f}")
    save_file({k: v.detach().float().contiguous() for k, v in tensors.items()}, OUT,
              metadata={"heads": str(HEADS), "iterations": str(ITERATIONS), "lr": str(LR), "damping": str(DAMPING)}
              | {f"strength.{k}": str(v) for k, v in STRENGTH.items()})
    print(OUT.stat().st_size, "bytes")


main()
