# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.

FROM --platform=linux/amd64 docker.io/library/python:3.12-slim-bookworm AS base

FROM base AS uv
RUN --mount=type=bind,source=.imagespec/uv.sh,target=/dev/.imagespec/uv.sh \
    --mount=type=bind,source=.imagespec/uv,target=/dev/.imagespec/uv \
    --mount=type=cache,id=imagespec-pip,target=/dev/.imagespec/cache/pip \
    ["/bin/sh", "-e", "/dev/.imagespec/uv.sh"]

FROM --platform=linux/amd64 docker.io/mambaorg/micromamba:2.3.3 AS micromamba

FROM base AS image
RUN --mount=type=bind,source=.imagespec/conda.sh,target=/dev/.imagespec/conda.sh \
    --mount=type=bind,from=micromamba,source=/usr/bin/micromamba,target=/dev/.imagespec/bin/micromamba \
    --mount=type=cache,id=imagespec-conda,target=/dev/.imagespec/cache/conda \
    ["/bin/sh", "-e", "/dev/.imagespec/conda.sh", "--channel=company", "--channel=conda-forge", "--", "python=3.12", "gdal"]
ENV PATH="/opt/venv/bin:""${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
RUN --mount=type=bind,source=.imagespec/requirements.sh,target=/dev/.imagespec/requirements.sh \
    --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-uv,target=/dev/.imagespec/cache/uv \
    ["/bin/sh", "-e", "/dev/.imagespec/requirements.sh", "", "/dev/.imagespec", "--", "rich"]
WORKDIR "/root"
ENV PYTHONPATH="/root"
LABEL "org.opencontainers.image.title"="app"
LABEL "dev.imagespec.builder"="docker"
LABEL "dev.imagespec.tag"="x65gicf2z4eo4czaywttjvx2ta"
ENV IMAGESPEC_ID="abcdefghijklmnopqrstuvwxyz"
LABEL "dev.imagespec.plan"="{\"base\":{\"kind\":\"reference\",\"reference\":\"docker.io/library/python:3.12-slim-bookworm\"},\"builderOptions\":{},\"platforms\":[\"linux/amd64\"],\"recipe\":1,\"steps\":[{\"channels\":[\"company\"],\"kind\":\"conda\",\"packages\":[\"gdal\"]},{\"files\":[],\"index\":{\"extraArguments\":[],\"extraIndexes\":[]},\"kind\":\"requirements\",\"local\":[],\"packages\":[\"rich\"]}],\"workDirectory\":\"/root\"}"
