"""Prints what a container of an image finds, as JSON. Arguments: modules that it asks for."""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys

# Written by the engine into every container, or by a kernel.
NOT_OF_IMAGE = {"/proc", "/sys", "/dev", "/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}
# Where they come from is a matter of the Python.
BROUGHT_BY_PYTHON = {"pip", "setuptools", "wheel"}
# Compared by the accounts that they hold.
ACCOUNTS = {f"/etc/{name}{end}" for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid") for end in ("", "-")}
# Times of the build stand in them.
CHANGING = ("/var/log/", "/var/cache/")


def packages():
    found = {one.metadata["Name"]: one.version for one in importlib.metadata.distributions()}
    return {name: version for name, version in found.items() if name not in BROUGHT_BY_PYTHON}


def system_packages():
    lines = subprocess.check_output(["dpkg-query", "-W"], text=True).splitlines()
    return dict(line.split("\t") for line in lines)


def is_of_environment(path):
    """What is below is compared as packages."""
    return any(f"/{name}/" in f"{path}/" for name in ("site-packages", "dist-packages", "__pycache__"))


def package_files():
    ours = set()
    for one in importlib.metadata.distributions():
        ours.update(os.path.normpath(one.locate_file(file)) for file in one.files or [])
    return ours


def owner(number):
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def content(path, info):
    if stat.S_ISLNK(info.st_mode):
        return f"-> {os.readlink(path)}"
    if stat.S_ISDIR(info.st_mode) or path.startswith(CHANGING):
        return ""
    if path.startswith("/usr/") or not info.st_mode & stat.S_IROTH:
        return f"{info.st_size} bytes"
    with open(path, "rb") as file:
        read = file.read()
    return json.dumps(read.decode(errors="replace")) if len(read) < 40 else hashlib.sha256(read).hexdigest()


def files():
    found = {}
    excluded = package_files()
    for folder, folders, names in os.walk("/"):
        paths = [(name, os.path.join(folder, name)) for name in [*folders, *names]]
        kept = [(name, path) for name, path in paths if path not in NOT_OF_IMAGE | ACCOUNTS and not is_of_environment(path)]
        folders[:] = [name for name, _ in kept if name in folders]
        for _, path in kept:
            if path in excluded:
                continue
            info = os.lstat(path)
            mode = stat.filemode(info.st_mode)
            found[path] = {"mode": mode, "owner": owner(info.st_uid), "content": content(path, info)}
    return found


def origin(module):
    spec = importlib.util.find_spec(module)
    if spec is None:
        return "not found"
    return "installed" if is_of_environment(spec.origin) else spec.origin


print(
    json.dumps(
        {
            "python": sys.prefix,
            "user": owner(os.getuid()),
            "accounts": {one.pw_name: one.pw_dir for one in pwd.getpwall()},
            "packages": packages(),
            "aptPackages": system_packages(),
            "environment": {k: v for k, v in os.environ.items() if k != "HOSTNAME"},
            "tools": {name: shutil.which(name) is not None for name in ("uv", "poetry", "micromamba")},
            "modules": {module: origin(module) for module in sys.argv[1:]},
            "files": files(),
        }
    )
)
