#!/bin/sh
# The bill of materials (bundle/sbom.sh) is JSON of the form of CycloneDX 1.5, and names what is surely inside.
#
#   sbom.sh BUILD
build=$(cd "${1:?usage: sbom.sh BUILD_FOLDER}" && pwd)
cd "$(dirname "$0")/.." || exit 1
[ -x "$build/iuf_static" ] || { echo "the program in one file was not built: there is no bill"; exit 77; }
command -v python3 > /dev/null && command -v dpkg > /dev/null || { echo "python3 or dpkg is missing"; exit 77; }
bill=$(mktemp)
trap 'rm -f "$bill"' EXIT
bundle/sbom.sh "$build" > "$bill" || exit 1
server=$("$build/iuf_static" doctor 2> /dev/null | grep -q "server    iuf serve" && echo some || echo none)
python3 - "$bill" "$server" << 'END'
import json, re, sys

bill = json.load(open(sys.argv[1]))
failed = []


def check(holds, what):
    if not holds:
        failed.append(what)


# What the schema of version 1.5 asks for, of the parts that are used.
check(set(bill) == {"bomFormat", "specVersion", "version", "metadata", "components"}, "the keys at the top")
check(bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.5" and bill["version"] == 1, "the format")
parts = [bill["metadata"]["component"], *bill["components"]]
for part in parts:
    name = part.get("name")
    check(set(part) <= {"type", "name", "version", "licenses", "purl", "hashes"}, f"keys of {name}")
    check(part["type"] in {"application", "library", "data"} and name and part["version"], f"{name}: type, version")
    check(all(entry["license"]["name"] for entry in part["licenses"]) and part["licenses"], f"{name}: licence")
    if "purl" in part:
        check(re.fullmatch(r"pkg:deb/debian/[a-z0-9+.-]+@[^@ ]+\?arch=[a-z0-9]+", part["purl"]), f"{name}: purl")
    for digest in part.get("hashes", []):
        check(digest["alg"] == "SHA-256" and re.fullmatch("[0-9a-f]{64}", digest["content"]), f"{name}: hash")
names = [part["name"] for part in parts]
check(len(names) == len(set(names)), "a part is named twice")
for need in ["iuf", "efficientnet_lite0_features", "libc6-dev", "libpng-dev", "zlib1g-dev", "nlohmann-json3-dev"]:
    check(need in names, f"{need} is missing")
check(any("openblas" in name for name in names), "OpenBLAS is missing")
check(any("boost" in name for name in names) == (sys.argv[2] != "none"), "Boost, of the server")
for what in failed:
    print("FAIL:", what)
print(f"sbom.sh: {len(parts)} parts, {len(failed)} failed")
sys.exit(bool(failed))
END
