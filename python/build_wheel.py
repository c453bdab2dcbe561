"""Makes the wheel of `iuf` (PEP 517): the module and libiuf. The library is the one that IUF_LIBRARY names, or is built
by CMake from the sources that this folder lies in."""
import base64
import hashlib
import os
import pathlib
import re
import subprocess
import sysconfig
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
NAME = "iuf"


def version():
    text = (HERE.parent / "CMakeLists.txt").read_text()
    return re.search(r"project\(iuf VERSION ([0-9.]+)", text).group(1)


def library(folder):
    """The bytes of libiuf; where it has to be built, in this folder."""
    if os.environ.get("IUF_LIBRARY"):
        return pathlib.Path(os.environ["IUF_LIBRARY"]).read_bytes()
    subprocess.run(["cmake", "-S", HERE.parent, "-B", folder, "-DIUF_TESTS=OFF"], check=True)
    subprocess.run(["cmake", "--build", folder, "--target", "iuf_shared", "-j", str(os.cpu_count() or 1)], check=True)
    return next(p for p in sorted(pathlib.Path(folder).glob("libiuf.so*")) if p.is_file()).read_bytes()


def metadata():
    return (
        f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version()}\n"
        "Summary: finds defects in photographs of products\nLicense: Apache-2.0\nRequires-Python: >=3.8\n"
        "Requires-Dist: numpy\n"
    )


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    tag = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())
    info = f"{NAME}-{version()}.dist-info"
    with tempfile.TemporaryDirectory() as folder:
        files = {f"{NAME}/libiuf.so": library(folder)}
    for path in sorted((HERE / NAME).glob("*.py")):
        files[f"{NAME}/{path.name}"] = path.read_bytes()
    files[f"{info}/METADATA"] = metadata().encode()
    wheel_text = f"Wheel-Version: 1.0\nGenerator: build_wheel\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files[f"{info}/WHEEL"] = wheel_text.encode()
    files[f"{info}/LICENSE"] = (HERE.parent / "LICENSE").read_bytes()
    record = "".join(
        "{},sha256={},{}\n".format(
            name, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode(), len(data)
        )
        for name, data in files.items()
    )
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    wheel = f"{NAME}-{version()}-{tag}.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    raise RuntimeError("iuf: the sources of the library lie above this folder; make a wheel: pip wheel .")
