"""Builds images with the official client: CASE is the name of one below."""

import os
import sys
from pathlib import Path

import flyte
from flyte import Image

case, endpoint, base = sys.argv[1:4]
secure = "CA_FILE" in os.environ
sign_in = dict(
    insecure=False,
    ca_cert_file_path=os.environ["CA_FILE"],
    auth_type="ClientSecret",
    client_id="cid",
    client_credentials_secret="sec+/ret",
) if secure else dict(insecure=True)
flyte.init(
    endpoint=endpoint,
    image_builder="remote",
    project="proj",
    domain="development",
    root_dir=Path.cwd(),
    **sign_in,
)
start = Image.from_base(base).clone(name="official", extendable=True)
cases = {
    "packages": lambda: start.with_pip_packages("six==1.16.0"),
    "requirements": lambda: start.with_requirements(Path("requirements.txt")),
    "uv": lambda: start.with_uv_project(pyproject_file=Path("uv/pyproject.toml"), uvlock=Path("uv/uv.lock")),
    "poetry": lambda: start.with_poetry_project(pyproject_file=Path("poetry/pyproject.toml"), poetry_lock=Path("poetry/poetry.lock")),
    "files": lambda: start.with_source_folder(Path("data"), dst="/opt/data", copy_contents_only=True).with_env_vars({"STAMP": os.environ.get("STAMP", "")}),
    "copy": lambda: start.with_source_folder(Path("src"), dst="/opt/src", copy_contents_only=True).with_env_vars({"A": "b"}),
    "failing": lambda: start.with_commands(["exit 42"]),
}
print(flyte.build(cases[case]()).uri)
