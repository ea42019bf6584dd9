# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.

FROM --platform=linux/amd64 docker.io/library/python:3.12-slim-bookworm AS base

FROM base AS uv
RUN --mount=type=bind,source=.imagespec/uv.sh,target=/dev/.imagespec/uv.sh \
    --mount=type=bind,source=.imagespec/uv,target=/dev/.imagespec/uv \
    --mount=type=cache,id=imagespec-pip,target=/dev/.imagespec/cache/pip \
    ["/bin/sh", "-e", "/dev/.imagespec/uv.sh"]

FROM base AS image
RUN --mount=type=bind,source=.imagespec/pyproject.sh,target=/dev/.imagespec/pyproject.sh \
    --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-uv,target=/dev/.imagespec/cache/uv \
    --mount=type=bind,source=project,target=/dev/.imagespec/context/project,rw \
    ["/bin/sh", "-e", "/dev/.imagespec/pyproject.sh", "/opt/py/bin/python", "services/api", "-r", "pyproject.toml"]
WORKDIR "/root"
ENV PYTHONPATH="/root"
LABEL "org.opencontainers.image.title"="app"
LABEL "dev.imagespec.builder"="docker"
LABEL "dev.imagespec.tag"="a3ddqvn5a7zrp4e37etlmjfley"
ENV IMAGESPEC_ID="abcdefghijklmnopqrstuvwxyz"
LABEL "dev.imagespec.plan"="{\"base\":{\"kind\":\"reference\",\"reference\":\"docker.io/library/python:3.12-slim-bookworm\"},\"builderOptions\":{},\"platforms\":[\"linux/amd64\"],\"recipe\":1,\"steps\":[{\"executable\":\"/opt/py/bin/python\",\"kind\":\"python\"},{\"index\":{\"extraArguments\":[],\"extraIndexes\":[]},\"installProject\":false,\"kind\":\"project\",\"project\":{\"files\":[],\"target\":\"/project\"},\"root\":\"services/api\",\"tool\":\"pyproject\"}],\"workDirectory\":\"/root\"}"
