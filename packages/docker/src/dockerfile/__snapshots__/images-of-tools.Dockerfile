# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.

FROM docker.io/library/python:3.12-slim-bookworm AS base

FROM registry.example/uv:0.13 AS uv-image

FROM scratch AS uv
COPY --from=uv-image ["/uv", "/uvx", "/opt/imagespec/bin/"]

FROM registry.example/micromamba:2 AS micromamba

FROM base AS image
RUN --mount=type=bind,source=.imagespec/conda.sh,target=/dev/.imagespec/conda.sh \
    --mount=type=bind,from=micromamba,source=/usr/bin/micromamba,target=/dev/.imagespec/bin/micromamba \
    --mount=type=cache,id=imagespec-conda,target=/dev/.imagespec/cache/conda \
    ["/bin/sh", "-e", "/dev/.imagespec/conda.sh", "--channel=https://conda.example/main", "--", "python=3.10"]
ENV PATH="/opt/venv/bin:""${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
RUN --mount=type=bind,source=.imagespec/requirements.sh,target=/dev/.imagespec/requirements.sh \
    --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-uv,target=/dev/.imagespec/cache/uv \
    ["/bin/sh", "-e", "/dev/.imagespec/requirements.sh", "", "/dev/.imagespec", "--", "rich"]
WORKDIR "/root"
ENV PYTHONPATH="/root"
LABEL "org.opencontainers.image.title"="app"
LABEL "dev.imagespec.builder"="docker"
LABEL "dev.imagespec.tag"="mxkppl2gr57qvplkws6pxsiqs4"
ENV IMAGESPEC_ID="abcdefghijklmnopqrstuvwxyz"
LABEL "dev.imagespec.plan"="{\"base\":{\"kind\":\"reference\",\"reference\":\"docker.io/library/python:3.12-slim-bookworm\"},\"builderOptions\":{},\"platforms\":[\"linux/amd64\",\"linux/arm64\"],\"recipe\":1,\"steps\":[{\"channels\":[\"https://conda.example/main\"],\"kind\":\"conda\",\"packages\":[\"python=3.10\"]},{\"files\":[],\"index\":{\"extraArguments\":[],\"extraIndexes\":[]},\"kind\":\"requirements\",\"local\":[],\"packages\":[\"rich\"]}],\"workDirectory\":\"/root\"}"
