"""Writes replay.safetensors: the losses of 30 training steps in PyTorch, from given weights and batches.

`python make_replay.py FOLDER [SEED] [OUT]`, FOLDER holding the reference iuf_torch.py; needs torch and safetensors.
Dropout and jitter are off, the compression loss is on, AdamW steps behind clipping. param.* are the first weights,
in.order the images of each batch; `iuf selfcheck` follows them and compares the losses, the gradient norms and what the
trained network gives.
"""
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

sys.path.insert(0, sys.argv[1])
from iuf_torch import Reconstruction, compression_loss  # noqa: E402

SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 7
OUT = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else pathlib.Path(__file__).parent / "replay.safetensors")
STEPS, IMAGES, BATCH, INPLANES, DIM, HEADS, CLASSES, PATCH, SIZE, T = 30, 8, 5, 12, 16, 4, 3, 8, 32, 3
GRID, MASKS, NEIGHBOUR = (3, 4), (True, False, True), (3, 3)
LAMBDAS, LEARNING_RATE, DECAY, CLIP = (1.0, 0.5, 5.0), 1e-3, 1e-2, 1.0


def main():
    torch.manual_seed(SEED)
    net = Reconstruction(INPLANES, GRID, DIM, HEADS, enc=2, dec=3, ff=24, dropout=0.0, num_classes=CLASSES, jitter=0.0,
                         masks=MASKS, neighbor=NEIGHBOUR, patch=PATCH)
    out = {f"param.{k}": v.clone() for k, v in net.state_dict().items()}
    image, feature = torch.randn(IMAGES, 3, SIZE, SIZE), 2 * torch.randn(IMAGES, INPLANES, *GRID)
    labels = torch.randint(0, CLASSES, (IMAGES,))
    order = torch.stack([torch.randperm(IMAGES)[:BATCH] for _ in range(STEPS)])
    out |= {"in.image": image, "in.feature": feature, "in.labels": labels, "in.order": order}
    optimizer = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)
    curves = {name: [] for name in ("loss.mse", "loss.ce", "loss.compression", "loss.total", "out.grad_norm")}
    net.train()
    for batch in order:
        o = net(image[batch], feature[batch])
        losses = (F.mse_loss(o["feature_rec"], feature[batch]), F.cross_entropy(o["class_out"], labels[batch]),
                  compression_loss(o["latents"], T))
        total = sum(weight * loss for weight, loss in zip(LAMBDAS, losses))
        optimizer.zero_grad()
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        optimizer.step()
        for name, value in zip(curves, (*losses, total, norm)):
            curves[name].append(value.item())
    out |= {name: torch.tensor(values) for name, values in curves.items()}
    net.eval()
    with torch.no_grad():
        out["out.feature_rec"] = net(image, feature)["feature_rec"]
    meta = {"heads": HEADS, "masks": MASKS, "neighbor": "x".join(map(str, NEIGHBOUR)), "t": T, "clip": CLIP,
            "lambda0": LAMBDAS[0], "lambda1": LAMBDAS[1], "lambda2": LAMBDAS[2], "adamw_lr": LEARNING_RATE,
            "adamw_weight_decay": DECAY}
    save_file({k: v.detach().contiguous() for k, v in out.items()}, OUT, metadata={k: str(v) for k, v in meta.items()})
    print({name: (round(values[0], 4), round(values[-1], 4)) for name, values in curves.items()})


if __name__ == "__main__":
    main()
