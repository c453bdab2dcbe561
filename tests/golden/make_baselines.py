#!/usr/bin/env python3
"""Makes parts/baselines.safetensors: what the methods without training give on small random features, computed
independently with numpy, scikit-learn, scipy and PyTorch. Two objects in a base step, one in a later step; 4 x 4
positions, 6 channels.

usage: make_baselines.py [FOLDER]
"""
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from scipy.ndimage import gaussian_filter
from sklearn.covariance import EmpiricalCovariance
from sklearn.neighbors import NearestNeighbors

SIDE, CHANNELS, SIZE, RIDGE, BANK, SHARE = 4, 6, 32, 0.01, 10, 0.1
rng = np.random.default_rng(5)


def images(count, seed):
    """Features of an object: a mean per position, correlated noise."""
    own = np.random.default_rng(seed)
    middle = own.normal(size=(SIDE * SIDE, CHANNELS)) * 2
    mix = own.normal(size=(CHANNELS, CHANNELS))
    return (middle + rng.normal(size=(count, SIDE * SIDE, CHANNELS)) @ mix).astype(np.float32)


def anomaly_map(scores, sigma=0):
    grid = torch.tensor(scores.reshape(1, 1, SIDE, SIDE))
    up = torch.nn.functional.interpolate(grid, size=(SIZE, SIZE), mode="bilinear", align_corners=True)[0, 0].numpy()
    return gaussian_filter(up, sigma, mode="reflect") if sigma else up


def pooled_maximum(image):
    return image.reshape(SIZE // 16, 16, SIZE // 16, 16).mean(axis=(1, 3)).max()


def k_centre(rows, count):
    taken = [int(np.argmin(((rows - rows.mean(0)) ** 2).sum(1)))]
    while len(taken) < count:
        distance = np.min([((rows - rows[t]) ** 2).sum(1) for t in taken], axis=0)
        taken.append(int(np.argmax(distance)))
    return taken


class Gaussian:
    def __init__(self, rows):
        fitted = EmpiricalCovariance(store_precision=False).fit(rows)
        self.mean, covariance = fitted.location_, fitted.covariance_ + RIDGE * np.eye(CHANNELS)
        self.precision, self.log_det = np.linalg.inv(covariance), np.linalg.slogdet(covariance)[1]

    def squared(self, rows):
        d = rows - self.mean
        return np.einsum("ij,jk,ik->i", d, self.precision, d)


train = [images(4, 1), images(4, 2), images(5, 3)]  # by object
test = np.concatenate([images(1, 1), images(1, 2), images(1, 3)])
test[1, 5] += 6
out = {"train.0": train[0], "train.1": train[1], "train.2": train[2], "test": test}
train = [t.astype(np.float64) for t in train]


def put(name, judgements):
    out[name + ".map"] = np.stack([j[0] for j in judgements]).astype(np.float32)
    out[name + ".score"] = np.array([j[1] for j in judgements], dtype=np.float32)
    out[name + ".object"] = np.array([j[2] for j in judgements], dtype=np.int64)


# gaussian, after both steps
fits = [Gaussian(t.reshape(-1, CHANNELS)) for t in train]
normal = [np.sqrt(g.squared(t.reshape(-1, CHANNELS))) for g, t in zip(fits, train)]


def gaussian(image):
    likelihood = [-(np.sort(g.squared(image))[SIDE * SIDE // 2] + g.log_det) / 2 for g in fits]
    best = int(np.argmax(likelihood))
    scores = (np.sqrt(fits[best].squared(image)) - normal[best].mean()) / normal[best].std()
    return anomaly_map(scores), pooled_maximum(anomaly_map(scores)), best


put("gaussian", [gaussian(t.astype(np.float64)) for t in test])

# coreset, after both steps
base = np.concatenate(train[:2]).reshape(-1, CHANNELS)
mean, scale = base.mean(0), 1 / np.sqrt(base.var(0) + 1e-6)
banks = []
for t in train:
    rows = (t.reshape(-1, CHANNELS) - mean) * scale
    banks.append(rows[k_centre(rows, BANK)])
owner = np.repeat([0, 1, 2], BANK)
search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(np.concatenate(banks))


def coreset(image):
    distance, found = search.kneighbors((image - mean) * scale)
    votes = np.bincount(owner[found[:, 0]], minlength=3)
    return anomaly_map(distance[:, 0]), pooled_maximum(anomaly_map(distance[:, 0])), int(votes.argmax())


put("coreset", [coreset(t.astype(np.float64)) for t in test])


# padim: after the later step alone, after both steps, on all channels
def padim(rows, image):
    distance = []
    for p in range(SIDE * SIDE):
        precision = np.linalg.inv(np.cov(rows[:, p], rowvar=False) + RIDGE * np.eye(CHANNELS))
        d = image[p] - rows[:, p].mean(0)
        distance.append(np.sqrt(d @ precision @ d))
    blurred = anomaly_map(np.array(distance), 4)
    return blurred, blurred.max(), 2


put("padim.step", [padim(train[2], t.astype(np.float64)) for t in test])
put("padim.all", [padim(np.concatenate(train), t.astype(np.float64)) for t in test])


# patchcore: after the later step alone, after both steps
def patchcore(bank, owner, image):
    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(bank)
    distance, found = search.kneighbors(image)
    worst = int(distance[:, 0].argmax())
    nearest = found[worst, 0]
    around = np.argsort(((bank - bank[nearest]) ** 2).sum(1), kind="stable")[:9]
    spread = np.exp(np.sqrt(((image[worst] - bank[around]) ** 2).sum(1)))
    score = (1 - np.exp(distance[worst, 0]) / spread.sum()) * distance[worst, 0]
    votes = np.bincount(owner[found[:, 0]], minlength=3)
    return anomaly_map(distance[:, 0], 4), score, int(votes.argmax())


def choose(rows, owner, count):
    chosen = k_centre(rows, count)
    return rows[chosen], owner[chosen]


old = np.concatenate(train[:2]).reshape(-1, CHANNELS)
new = train[2].reshape(-1, CHANNELS)
bank_old = choose(old, np.repeat([0, 1], 4 * SIDE * SIDE), int(SHARE * len(old)))
bank_new = choose(new, np.repeat(2, len(new)), int(SHARE * len(new)))
put("patchcore.step", [patchcore(*bank_new, t.astype(np.float64)) for t in test])
joined = choose(np.concatenate([bank_old[0], bank_new[0]]), np.concatenate([bank_old[1], bank_new[1]]), 15)
put("patchcore.all", [patchcore(*joined, t.astype(np.float64)) for t in test])

save_file(out, Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "parts") / "baselines.safetensors")
