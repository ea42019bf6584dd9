# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.

FROM --platform=linux/amd64 docker.io/library/python:3.12-slim-bookworm AS base

FROM base AS uv
RUN --mount=type=bind,source=.imagespec/uv.sh,target=/dev/.imagespec/uv.sh \
    --mount=type=bind,source=.imagespec/uv,target=/dev/.imagespec/uv \
    --mount=type=cache,id=imagespec-pip,target=/dev/.imagespec/cache/pip \
    ["/bin/sh", "-e", "/dev/.imagespec/uv.sh"]

FROM base AS image

FROM image AS poetry
RUN --mount=type=bind,source=.imagespec/poetry.sh,target=/dev/.imagespec/poetry.sh \
    --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-uv,target=/dev/.imagespec/cache/uv \
    ["/bin/sh", "-e", "/dev/.imagespec/poetry.sh", ""]

FROM image AS project
RUN --mount=type=bind,source=.imagespec/poetry-project.sh,target=/dev/.imagespec/poetry-project.sh \
    --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-uv,target=/dev/.imagespec/cache/uv \
    --mount=type=bind,source=project,target=/dev/.imagespec/context/project,rw \
    --mount=type=cache,id=imagespec-poetry,target=/dev/.imagespec/cache/poetry \
    --mount=type=bind,from=poetry,source=/opt/imagespec/poetry,target=/dev/.imagespec/poetry \
    ["/bin/sh", "-e", "/dev/.imagespec/poetry-project.sh", "", "services/api", "."]
WORKDIR "/root"
ENV PYTHONPATH="/root"
LABEL "org.opencontainers.image.title"="app"
LABEL "dev.imagespec.builder"="docker"
LABEL "dev.imagespec.tag"="t7maudsdnzzn54aflzybdy55ti"
ENV IMAGESPEC_ID="abcdefghijklmnopqrstuvwxyz"
LABEL "dev.imagespec.plan"="{\"base\":{\"kind\":\"reference\",\"reference\":\"docker.io/library/python:3.12-slim-bookworm\"},\"builderOptions\":{},\"platforms\":[\"linux/amd64\"],\"recipe\":1,\"steps\":[{\"index\":{\"extraArguments\":[],\"extraIndexes\":[]},\"installProject\":true,\"kind\":\"project\",\"project\":{\"files\":[],\"target\":\"/project\"},\"root\":\"services/api\",\"tool\":\"poetry\"}],\"workDirectory\":\"/root\"}"
