#!/usr/bin/env python3
"""A day on the line: a model is learned, gets a product, judges files as they arrive while it is killed and while the
model is exchanged, sees a lamp change, is updated, rolled back, and forgets a product; then it is served to many
requests at once, killed and changed meanwhile. No file may be lost, none judged twice, and every verdict names a
version that the model's history has.

usage: day_on_the_line.py PROGRAM [FILES | long]
FILES arrive and as many are requested; default 60, long: 1000.
"""
import collections
import csv
import http.client
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zlib

program = os.path.realpath(sys.argv[1])
count = sys.argv[2] if len(sys.argv) > 2 else "60"
count = 1000 if count == "long" else int(count)
chance = random.Random(1)
checks = 0
commands = []  # that changed the model, in order


def expect(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit("day_on_the_line: " + what)


def run(*words):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    expect(done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def change(*words):
    """A command that changes the model: one that finds it in other hands is given again, as a person would."""
    for _ in range(600):
        done = subprocess.run([program, *words], capture_output=True, text=True)
        if "another process is working on it" not in done.stderr:
            break
        time.sleep(0.05)
    expect(done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr}")
    commands.append(words[0])
    return done.stdout


def read_png(path):
    """Width, height, bytes per pixel and rows of a PNG of 8 bits."""
    with open(path, "rb") as file:
        data = file.read()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    step, raw = {0: 1, 2: 3, 4: 2, 6: 4}[colour], zlib.decompress(packed)
    rows, above = [], bytes(width * step)
    for y in range(height):
        begin = y * (width * step + 1)
        kind, row = raw[begin], bytearray(raw[begin + 1:begin + 1 + width * step])
        for x in range(len(row)):
            a, b, c = row[x - step] if x >= step else 0, above[x], above[x - step] if x >= step else 0
            if kind == 4:
                p = a + b - c
                near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row[x] = (row[x] + (0, a, b, (a + b) // 2, near if kind == 4 else 0)[kind]) & 255
        rows.append(bytes(row))
        above = row
    return width, height, step, colour, rows


def under_lamp(source, target, factor):
    """The photograph under a lamp that is brighter by this factor."""
    width, height, step, colour, rows = read_png(source)
    table = bytes(min(255, round(v * factor)) for v in range(256))
    raw = b"".join(b"\0" + row.translate(table) for row in rows)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    with open(target, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(raw, 1)) + chunk(b"IEND", b""))


def pictures(folder):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names
                  if name.endswith(".png") and "ground_truth" not in at)


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file)) if path.endswith(".csv") else [json.loads(line) for line in file]


class Watch:
    """`iuf watch`, killed and begun again."""

    def __init__(self):
        self.said, self.process, self.kills = "", None, 0
        self.start()

    def start(self):
        self.errors = open("watch.err", "a")
        self.process = subprocess.Popen([program, "watch", "run", "line", "--settle", "0.2", "--move-rejects",
                                         "rejects", "--exec", 'echo "$IUF_FILE" >> told'],
                                        stdout=subprocess.DEVNULL, stderr=self.errors)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.start()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        expect(self.process.wait(60) == 0, "watch does not end as it should")

    @staticmethod
    def wait_for(condition, what):
        for _ in range(2400):
            if condition():
                return
            time.sleep(0.05)
        raise SystemExit(f"day_on_the_line: {what}: {open('watch.err').read()[-2000:]}")


class Line:
    """Files that arrive in the ways that files do."""

    def __init__(self):
        self.arrived = []

    def bring(self, source, kill=None):
        number = len(self.arrived)
        name = f"{number:05d}.png"
        self.arrived.append(name)
        how = number % 4
        if how == 0:  # written in pieces
            with open(source, "rb") as whole, open("line/" + name, "wb") as file:
                data = whole.read()
                file.write(data[:700])
                file.flush()
                if kill:
                    kill()
                file.write(data[700:])
        elif how == 1:  # moved here
            shutil.copyfile(source, "moved.png")
            os.rename("moved.png", "line/" + name)
        elif how == 2:
            os.makedirs("line/sub", exist_ok=True)
            shutil.copyfile(source, "line/sub/" + name)
        else:  # renamed when it is complete
            shutil.copyfile(source, f"line/.{name}.part")
            os.rename(f"line/.{name}.part", "line/" + name)
        if kill and how != 0:
            kill()

    def judged(self):
        return rows_of("line.verdicts/log.csv") if os.path.exists("line.verdicts/log.csv") else []

    def wait(self):
        Watch.wait_for(lambda: len(self.judged()) >= len(self.arrived), "files are not judged")


def alarms(rows):
    return sum(row["verdict"] != "ok" for row in rows)


def arriving():
    line, watch = Line(), Watch()
    usual = pictures("more/biscuit") + pictures("more/gear") + pictures("more/capsule")
    good, lamp, parts = pictures("lamp/good"), pictures("lamp/learn"), max(count // 5, 1)
    chance.shuffle(usual)

    def bring(images, number, kills):
        first = len(line.judged())
        killed = set(chance.sample(range(number), kills)) if kills else set()
        for i in range(number):
            line.bring(images[i % len(images)], watch.kill if i in killed else None)
            if not killed:
                continue
            time.sleep(chance.random() * 0.02)
        line.wait()
        return line.judged()[first:]
    # The day begins; the model is exchanged while files arrive.
    exchange = threading.Thread(target=lambda: change("calibrate", "run", "--object", "gear", "--false-alarms", "2%"))
    exchange.start()
    bring(usual, count - 3 * parts, max(3, count // 40))
    exchange.join()
    # Another lamp: good parts are alarms, which is said, and are learned.
    before = bring(good, max(parts, 50), 0)
    Watch.wait_for(lambda: "'gear': " in open("watch.err").read(), "the drift under another lamp is not said")
    update = ("update", "run", "lamp/learn", "--object", "gear", "--normal", "--quiet")
    killed = subprocess.Popen([program, *update], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(chance.random() * 0.1)
    killed.kill()
    killed.wait()
    change(*update)
    after = bring(good, parts, 1)
    expect(alarms(after) / len(after) < 0.5 < alarms(before) / len(before),
           f"under another lamp {alarms(before)} of {len(before)} good parts are alarms, and once they are learned "
           f"{alarms(after)} of {len(after)}")
    # Back again, and a product less.
    change("rollback", "run", "--quiet")
    bring(good[:3], 3, 1)
    change("remove", "run", "--object", "capsule", "--quiet")
    bring(usual, max(parts - 3, 3), 2)
    watch.stop()
    return line, watch, (alarms(before), len(before), alarms(after), len(after))


def ask(port, verb, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(verb, path, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


class Server:
    def __init__(self):
        self.port = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen([program, "serve", "run", "--port", str(self.port)], stdout=subprocess.PIPE,
                                        stderr=open("serve.err", "a"), text=True)
        address = self.process.stdout.readline().strip()
        expect(address, "the server does not begin: " + open("serve.err").read()[-2000:])
        self.port = urllib.parse.urlparse(address).port

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.start()


def learn_by_requests(port):
    status, job = ask(port, "POST", "/api/jobs?object=wood")
    expect(status == 201, f"a job: {job}")
    for image in pictures("new/wood/train"):
        with open(image, "rb") as file:
            status, said = ask(port, "POST", f"/api/jobs/{job['id']}/images", file.read())
            expect(status == 201, f"an image of a job: {said}")
    ask(port, "POST", f"/api/jobs/{job['id']}/start")
    for _ in range(2400):
        state = ask(port, "GET", f"/api/jobs/{job['id']}")[1]
        if state["state"] in ("done", "failed"):
            break
        time.sleep(0.05)
    expect(state["state"] == "done", f"the product is not learned: {state}")
    commands.append("add")


def served():
    server = Server()
    images = [open(path, "rb").read() for path in pictures("more")]
    answered, unanswered, problems = [], [], []
    todo = iter(range(count))
    lock = threading.Lock()

    def client():
        while True:
            with lock:
                number = next(todo, None)
            if number is None:
                return
            name = f"request{number}"
            while True:
                try:
                    status, row = ask(server.port, "POST", f"/api/judge?name={name}", images[number % len(images)])
                    (answered if status == 200 else problems).append((name, row))
                    break
                except (OSError, http.client.HTTPException):  # killed: nobody knows whether it was judged
                    unanswered.append(name)
                    name += "again"
                    time.sleep(0.05)
    clients = [threading.Thread(target=client) for _ in range(8)]
    for thread in clients:
        thread.start()
    while len(answered) < count // 6:
        time.sleep(0.001)
    server.kill()
    exchange = threading.Thread(target=lambda: change("calibrate", "run", "--object", "biscuit", "--false-alarms",
                                                      "3%"))
    exchange.start()
    learn_by_requests(server.port)
    exchange.join()
    for thread in clients:
        thread.join()
    # A model that was exchanged is used at once by whoever asks later than half a second.
    change("calibrate", "run", "--object", "biscuit", "--false-alarms", "4%")
    time.sleep(1.2)
    status, row = ask(server.port, "POST", "/api/judge?name=last", images[0])
    expect(status == 200, f"the last request: {row}")
    answered.append(("last", row))
    server.process.send_signal(signal.SIGTERM)
    expect(server.process.wait(60) == 0, "serve does not end as it should")
    expect(not problems, f"requests were refused: {problems[:3]}")
    return answered, unanswered


def explained(rows, history):
    """Every row names a version of the history by number and content."""
    known = {(change["version"], change["hash"]) for change in history["changes"]}
    for row in rows:
        named = (int(row["model_version"]), row["model"])
        expect(named in known, f"{row['file']} was judged by {named}, which the history does not have: {sorted(known)}")


def main():
    work = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        synth = ["--quiet", "--size", "64", "--per-defect", "1"]
        run("synth", "data", *synth, "--train", "16", "--test-good", "2", "--objects", "biscuit,capsule,gear")
        run("synth", "new", *synth, "--train", "8", "--test-good", "1", "--objects", "wood", "--seed", "2")
        run("synth", "more", *synth, "--train", "0", "--test-good", str(min(10, count // 6)), "--objects",
            "biscuit,capsule,gear", "--seed", "3")
        run("synth", "later", *synth, "--train", "16", "--test-good", "10", "--objects", "gear", "--seed", "4")
        for kind, of in (("learn", "train"), ("good", "test")):
            os.makedirs("lamp/" + kind)
            for image in pictures(f"later/gear/{of}/good"):
                under_lamp(image, f"lamp/{kind}/{os.path.basename(image)}", 1.35)
        os.makedirs("line")
        change("train", "data", "--steps", "biscuit;gear", "--method", "gaussian", "--image-size", "64", "--grid", "4",
               "--out", "run", "--quiet")
        commands[:] = ["train", "train"]
        change("add", "run", "data/capsule/train/good", "--name", "capsule", "--quiet")
        line, watch, seen = arriving()
        rows = line.judged()
        names = collections.Counter(os.path.basename(row["file"]) for row in rows)
        expect(set(names) == set(line.arrived), f"lost: {set(line.arrived) - set(names)}")
        expect(max(names.values()) == 1, f"judged twice: {[name for name, n in names.items() if n > 1]}")
        there = {os.path.basename(path) for path in pictures("line") + pictures("rejects")}
        expect(there == set(line.arrived), f"files are gone: {set(line.arrived) - there}")
        expect(not any(row["verdict"] == "error" for row in rows), "a file was judged before it was complete")
        with open("told") as file:
            told = collections.Counter(file.read().split())
        expect(max(told.values()) == 1, "a command was told twice")
        expect(len(told) >= len(rows) - watch.kills, f"of {len(rows)} files {len(told)} were told")
        requested = "no server in this build"
        if "server    none" not in run("doctor"):
            answered, unanswered = served()
            log = rows_of("run/verdicts.jsonl")
            names = collections.Counter(row["file"] for row in log)
            expect(max(names.values()) == 1, "a request was judged twice")
            lost = [name for name, _ in answered if name not in names]
            expect(not lost, f"answers that are not in the log: {lost}")
            expect(set(names) <= {name for name, _ in answered} | set(unanswered), "rows that nobody asked for")
            by_name = {row["file"]: row for row in log}
            expect(all(by_name[name]["model"] == row["model"] for name, row in answered), "answers say another model")
            requested = f"{len(answered)} requests, {len(unanswered)} of a killed server"
            rows = rows + log
        history = json.loads(run("history", "run", "--json"))
        versions = [change["version"] for change in history["changes"]]
        expect(versions == list(range(1, len(commands) + 1)), f"the history has versions {versions}: {commands}")
        expect(sorted(change["command"] for change in history["changes"]) == sorted(commands),
               f"the history has other commands than {commands}: {history['changes']}")
        expect(all(change["time"] and change["hash"] for change in history["changes"]), "a version without a time")
        explained(rows, history)
        run("verify", "run")
        versions_used = len({row["model"] for row in rows})
    print(f"day_on_the_line: {len(line.arrived)} files, {watch.kills} kills; {requested}; {len(versions)} versions, "
          f"{versions_used} judged; under another lamp {seen[0]} of {seen[1]} good parts were alarms, once they were "
          f"learned {seen[2]} of {seen[3]}; {time.monotonic() - begin:.1f} s\n"
          f"day_on_the_line: {checks} passed, 0 failed")


main()
