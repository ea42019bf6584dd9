# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.

FROM --platform=linux/amd64 docker.io/library/python:3.12-slim-bookworm AS base
USER 0

FROM base AS uv
RUN --mount=type=bind,source=.imagespec/uv.sh,target=/dev/.imagespec/uv.sh \
    --mount=type=bind,source=.imagespec/uv,target=/dev/.imagespec/uv \
    --mount=type=cache,id=imagespec-pip,target=/dev/.imagespec/cache/pip \
    ["/bin/sh", "-e", "/dev/.imagespec/uv.sh"]

FROM base AS image
RUN --mount=type=bind,source=.imagespec/work-directory.sh,target=/dev/.imagespec/work-directory.sh \
    ["/bin/sh", "-e", "/dev/.imagespec/work-directory.sh", "app:staff", "/home/app/work", "/", "/home", "/home/app", "/root", "/srv", "/srv/data"]
WORKDIR "/home/app/work"
ENV PYTHONPATH="/home/app/work"
COPY --chown=app:staff ["source/", "/root/"]
COPY --chown=app:staff ["copy/0/", "/srv/data/"]
RUN --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-commands-uv,target=/dev/.imagespec/cache/uv \
    --mount=type=cache,id=imagespec-commands-pip,target=/dev/.imagespec/cache/pip \
    ["/bin/sh", "-e", "-c", "--", "\
export PATH=\"$PATH:/dev/.imagespec/bin\" UV_CACHE_DIR=/dev/.imagespec/cache/uv UV_LINK_MODE=copy PIP_CACHE_DIR=/dev/.imagespec/cache/pip UV_BREAK_SYSTEM_PACKAGES=1 PIP_BREAK_SYSTEM_PACKAGES=1; if [ -z \"${VIRTUAL_ENV:-}${UV_PYTHON:-}\" ] && command -v python3 >/dev/null; then export UV_PYTHON=\"$(command -v python3)\"; fi\n\
cd /srv\n\
python -m compileall data\n\
"]
LABEL "org.opencontainers.image.title"="app"
LABEL "dev.imagespec.builder"="docker"
LABEL "dev.imagespec.tag"="pfm3rj3bwxwen77g76ntshe6r4"
USER app:staff
ENV IMAGESPEC_ID="abcdefghijklmnopqrstuvwxyz"
LABEL "dev.imagespec.plan"="{\"base\":{\"kind\":\"reference\",\"reference\":\"docker.io/library/python:3.12-slim-bookworm\"},\"builderOptions\":{},\"platforms\":[\"linux/amd64\"],\"recipe\":1,\"steps\":[{\"kind\":\"files\",\"origin\":\"source\",\"trees\":[{\"files\":[[\"file\",\"main.py\",false,\"0000000000000000000000000000000000000000000000000000000000000000\"]],\"target\":\"/root\"}]},{\"kind\":\"files\",\"origin\":\"copy\",\"trees\":[{\"files\":[[\"file\",\"main.py\",false,\"0000000000000000000000000000000000000000000000000000000000000000\"]],\"target\":\"/srv/data\"}]},{\"commands\":[\"cd /srv\",\"python -m compileall data\"],\"kind\":\"commands\"}],\"workDirectory\":\"/home/app/work\"}"
