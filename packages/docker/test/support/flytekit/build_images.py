"""Builds specs with flytekit. Arguments: a file with the specs as JSON, and one for the images' names."""

import json
import os
import re
import sys
from pathlib import Path

from flytekit.constants import CopyFileDetection
from flytekit.image_spec import ImageBuildEngine, ImageSpec


def image_spec(fields):
    spec = {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): value for name, value in fields.items()}
    if isinstance(spec.get("base_image"), dict):
        spec["base_image"] = image_spec(spec["base_image"])
    if "source_copy_mode" in spec:
        spec["source_copy_mode"] = CopyFileDetection[spec["source_copy_mode"].upper()]
    if "pip_secret_mounts" in spec:
        spec["pip_secret_mounts"] = [tuple(mount) for mount in spec["pip_secret_mounts"]]
    return ImageSpec(**spec)


def build(folder, fields):
    os.chdir(folder)
    spec = image_spec(fields)
    ImageBuildEngine.build(spec)
    return spec.image_name()


given, answers = map(Path, sys.argv[1:])
names = {one["name"]: build(one["folder"], one["spec"]) for one in json.loads(given.read_text())}
answers.write_text(json.dumps(names))
