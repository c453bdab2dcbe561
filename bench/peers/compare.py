"""The same work here, in PyTorch and in ONNX Runtime, on the same threads and in turns; prints one table of ratios.

python compare.py IUF_BENCH THREADS [ROUNDS] [TEXT]    TEXT: only works whose name holds it

iuf_bench makes inputs and weights from one seed and writes them with its outputs; both sides read them from there,
outputs are compared first, and then the sides take turns, so that a busy machine slows all of them.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy
import onnxruntime
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from iuf_torch import Discriminator, EfficientNetFeatures, Reconstruction, align_features, compression_loss

warnings.filterwarnings("ignore")


class Backbone(torch.nn.Module):
    def __init__(self, name):
        super().__init__()
        self.net = EfficientNetFeatures(name)

    def forward(self, image):
        return align_features(self.net(image))


class Prediction(torch.nn.Module):
    def __init__(self, inplanes, classes):
        super().__init__()
        self.net = Reconstruction(inplanes, num_classes=classes, patch=16)

    def forward(self, image, feature):
        return self.net(image, feature)["pred"]


class Logits(torch.nn.Module):
    def __init__(self, patch, classes):
        super().__init__()
        self.net = Discriminator(classes, patch=patch)

    def forward(self, image):
        return self.net(image)[0]


def load(module, tensors):
    weights = {key.removeprefix("weight."): value for key, value in tensors.items() if key.startswith("weight.")}
    missing, unexpected = module.load_state_dict(weights, strict=False)
    missing = [key for key in missing if not key.endswith("num_batches_tracked")]
    # The program's backbones go on below stride 16, for the deep view, where the peer's have ended.
    unexpected = [key for key in unexpected if not key.startswith("_blocks.")]
    if missing or unexpected:
        sys.exit(f"weights do not fit: missing {missing}, unexpected {unexpected}")


def as_map(tokens, side=14):
    return tokens.reshape(tokens.shape[0], side, side, -1).permute(0, 3, 1, 2).contiguous()


def compare(work, peer, ours, theirs, tolerance=2e-4):
    """The largest difference as a share of the largest value: rounding, over a few hundred layers of sums."""
    ours, theirs = numpy.asarray(ours, dtype=numpy.float64), numpy.asarray(theirs, dtype=numpy.float64)
    if ours.shape != theirs.shape:
        sys.exit(f"{work}: {peer} gives {theirs.shape}, not {ours.shape}")
    error = numpy.abs(ours - theirs).max() / numpy.abs(theirs).max()
    if not error <= tolerance:
        sys.exit(f"{work}: outputs differ from {peer}'s by {error:.1e} of the largest value")
    return error


def inference_peers(spec, tensors, threads):
    """Callables by peer, after their outputs have been compared, and the largest difference."""
    options = spec["options"]
    image = tensors["in.image"].permute(0, 3, 1, 2).contiguous()
    if spec["kind"] == "backbone":
        model, inputs = Backbone(options["network"]), (image,)
        expected = as_map(tensors["out.features"])
    elif spec["kind"] == "reconstruction":
        model, inputs = Prediction(options["inplanes"], options["classes"]), (image, as_map(tensors["in.feature"]))
        expected = tensors["out.pred"].permute(0, 3, 1, 2)
    else:
        model, inputs = Logits(options["patch"], options["classes"]), (image,)
        expected = tensors["out.logits"]
    load(model.net, tensors)
    model.eval()

    def run_torch():
        with torch.no_grad():
            return model(*inputs)

    error = compare(spec["name"], "PyTorch", expected, run_torch())
    peers = {"PyTorch": run_torch}
    if spec["kind"] != "discriminator":
        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            torch.onnx.export(model, inputs, file.name, dynamo=False, opset_version=17)
            session_options = onnxruntime.SessionOptions()
            session_options.intra_op_num_threads = threads
            # It would spin in the others' turns.
            session_options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            session = onnxruntime.InferenceSession(file.name, session_options, providers=["CPUExecutionProvider"])
        feeds = {i.name: t.numpy() for i, t in zip(session.get_inputs(), inputs)}
        error = max(error, compare(spec["name"], "ONNX Runtime", expected, session.run(None, feeds)[0]))
        peers["ONNX Runtime"] = lambda: session.run(None, feeds)
    return peers, error


def training_peers(spec, tensors):
    options, batch = spec["options"], spec["images"]
    image, feature = tensors["in.image"].permute(0, 3, 1, 2).contiguous(), as_map(tensors["in.feature"])
    labels = torch.arange(batch) % options["classes"]

    def make(dropout, jitter):
        model = Reconstruction(options["inplanes"], num_classes=options["classes"], patch=16, dropout=dropout,
                               jitter=jitter)
        load(model, tensors)
        return model.train()

    def loss_of(model):
        out = model(image, feature)
        return (F.mse_loss(out["feature_rec"], feature) + 0.5 * F.cross_entropy(out["class_out"], labels)
                + compression_loss(out["latents"], min(24, batch)))

    first = make(0, 0)
    loss = loss_of(first)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(first.parameters(), 1e9)
    error = max(compare(spec["name"], "PyTorch", tensors["out.loss"], loss.detach()),
                compare(spec["name"], "PyTorch", tensors["out.gradient_norm"], norm))

    model = make(options["dropout"], 20.0)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4, weight_decay=1e-4)

    def step():
        loss = loss_of(model)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()

    return {"PyTorch": step}, error


class Server:
    """iuf_bench serve, one line for one line."""

    def __init__(self, program, folder, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        self.process = subprocess.Popen([program, "serve", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("iuf_bench ended")
        return json.loads(answer)


def seconds_of(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main():
    program, threads = sys.argv[1], int(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    text = sys.argv[4] if len(sys.argv) > 4 else ""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    print(f"PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}, {threads} threads, {rounds} rounds")
    print(f"{'ms per image':42} {'here':>9} {'PyTorch':>9} {'ratio':>6} {'ONNX RT':>9} {'ratio':>6} {'difference':>10}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, folder, threads)
        for number, name in enumerate(server.ask("list")):
            if text not in name:
                continue
            spec = server.ask(f"prepare {number}")
            tensors = load_file(os.path.join(folder, "work.safetensors"))
            torch.manual_seed(0)
            if spec["kind"] == "training":
                peers, error = training_peers(spec, tensors)
            else:
                peers, error = inference_peers(spec, tensors, threads)
            sides = {"here": lambda: server.ask("time")}
            sides |= {peer: lambda call=call: seconds_of(call) for peer, call in peers.items()}
            times = {side: [] for side in sides}
            for turn in range(rounds + 1):  # the first one warms up
                for side, measure in sides.items():
                    seconds = measure()
                    if turn:
                        times[side].append(seconds / spec["images"] * 1e3)
            ms = {side: statistics.median(values) for side, values in times.items()}
            # Of neighbouring turns, so that a change of the machine's speed in between does not count.
            ratios = {peer: statistics.median(theirs / ours for theirs, ours in zip(times[peer], times["here"]))
                      for peer in peers}
            columns = "".join(f" {ms[p]:9.2f} {ratios[p]:6.2f}" if p in ms else f" {'':9} {'':6}"
                              for p in ("PyTorch", "ONNX Runtime"))
            print(f"{name:42} {ms['here']:9.2f}{columns} {error:10.1e}", flush=True)
            rows.append({"work": name, "ms_per_image": ms, "ratios": ratios, "difference": error})
    with open(os.environ.get("IUF_PEERS_JSON", "peers.json"), "w") as file:
        json.dump({"threads": threads, "rounds": rounds, "torch": torch.__version__,
                   "onnxruntime": onnxruntime.__version__, "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
