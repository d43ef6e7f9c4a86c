"""Builds wheel and sdist of the one file, with nothing but the standard library (PEP 517).

The wheel holds ``interlock/__init__.py``, which is ``interlock.py``, beside ``py.typed``: types of a single module would
not be found by type checkers (PEP 561). The same sources give the same bytes.
"""

import base64
import gzip
import hashlib
import io
import os
import re
import tarfile
import zipfile

NAME = "interlock_client"
HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = ("build_backend.py", "interlock.py", "pyproject.toml", "LICENSE", "README.md")


def _read(name):
    path = os.path.join(HERE, name)
    if not os.path.exists(path) and name == "LICENSE":
        path = os.path.join(HERE, "..", "..", "LICENSE")  # of the project, in its own tree
    with open(path, "rb") as file:
        return file.read()


def _version():
    return re.search(r'^__version__ = "(.+)"$', _read("interlock.py").decode(), re.MULTILINE).group(1)


def _metadata():
    head = (
        "Metadata-Version: 2.1\nName: interlock-client\n"
        f"Version: {_version()}\n"
        "Summary: Circuit breakers for AI agents that decide in the process, by what a server of Interlock knows.\n"
        "License: Apache-2.0\nRequires-Python: >=3.9\nDescription-Content-Type: text/markdown\n\n"
    )
    return head.encode() + _read("README.md")


def get_requires_for_build_wheel(config_settings=None):
    return []


def get_requires_for_build_sdist(config_settings=None):
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    info = f"{NAME}-{_version()}.dist-info"
    files = {
        "interlock/__init__.py": _read("interlock.py"),
        "interlock/py.typed": b"",
        f"{info}/LICENSE": _read("LICENSE"),
        f"{info}/METADATA": _metadata(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: interlock\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')},{len(data)}\n"
        for path, data in files.items()
    )
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    name = f"{NAME}-{_version()}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path)  # of 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, data)
    return name


def build_sdist(sdist_directory, config_settings=None):
    base = f"{NAME}-{_version()}"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in [(name, _read(name)) for name in SOURCES] + [("PKG-INFO", _metadata())]:
            entry = tarfile.TarInfo(f"{base}/{path}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    name = f"{base}.tar.gz"
    with open(os.path.join(sdist_directory, name), "wb") as file:
        file.write(gzip.compress(data.getvalue(), mtime=0))
    return name
