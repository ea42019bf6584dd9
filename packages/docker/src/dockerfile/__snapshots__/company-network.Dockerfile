# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.

FROM --platform=linux/amd64 docker.io/library/python:3.12-slim-bookworm AS base

FROM base AS uv
RUN --mount=type=bind,source=.imagespec/uv.sh,target=/dev/.imagespec/uv.sh \
    --mount=type=bind,source=.imagespec/uv,target=/dev/.imagespec/uv \
    --mount=type=cache,id=imagespec-pip,target=/dev/.imagespec/cache/pip \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    ["/bin/sh", "-e", "/dev/.imagespec/uv.sh", "--index-url=https://mirror.example.com/simple"]

FROM base AS image
RUN --mount=type=bind,source=.imagespec/apt.sh,target=/dev/.imagespec/apt.sh \
    --mount=type=cache,sharing=locked,id=imagespec-apt-cbe742636fb7-archives,target=/var/cache/apt \
    --mount=type=cache,sharing=locked,id=imagespec-apt-cbe742636fb7-lists,target=/var/lib/apt/lists \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    ["/bin/sh", "-e", "/dev/.imagespec/apt.sh", "http://deb.example.org", "https://mirror.example.com", "--", "git", "libpq-dev"]
RUN --mount=type=bind,source=.imagespec/requirements.sh,target=/dev/.imagespec/requirements.sh \
    --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-uv,target=/dev/.imagespec/cache/uv \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    ["/bin/sh", "-e", "/dev/.imagespec/requirements.sh", "", "/dev/.imagespec", "--default-index=https://mirror.example.com/simple", "--", "rich"]
WORKDIR "/root"
ENV PYTHONPATH="/root"
RUN --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-commands-uv,target=/dev/.imagespec/cache/uv \
    --mount=type=cache,id=imagespec-commands-pip,target=/dev/.imagespec/cache/pip \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    ["/bin/sh", "-e", "-c", "--", "\
export PATH=\"$PATH:/dev/.imagespec/bin\" UV_CACHE_DIR=/dev/.imagespec/cache/uv UV_LINK_MODE=copy PIP_CACHE_DIR=/dev/.imagespec/cache/pip UV_BREAK_SYSTEM_PACKAGES=1 PIP_BREAK_SYSTEM_PACKAGES=1; if [ -z \"${VIRTUAL_ENV:-}${UV_PYTHON:-}\" ] && command -v python3 >/dev/null; then export UV_PYTHON=\"$(command -v python3)\"; fi\n\
export SSL_CERT_FILE=/dev/.imagespec/ca.pem REQUESTS_CA_BUNDLE=/dev/.imagespec/ca.pem PIP_CERT=/dev/.imagespec/ca.pem\n\
export CURL_CA_BUNDLE=/dev/.imagespec/ca.pem GIT_SSL_CAINFO=/dev/.imagespec/ca.pem NODE_EXTRA_CA_CERTS=/dev/.imagespec/ca.pem\n\
export PIP_INDEX_URL=https://mirror.example.com/simple UV_DEFAULT_INDEX=https://mirror.example.com/simple\n\
cd /srv\n\
python -m compileall data\n\
"]
RUN --mount=type=bind,source=.imagespec/certificates.sh,target=/dev/.imagespec/certificates.sh \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    ["/bin/sh", "-e", "/dev/.imagespec/certificates.sh", "/etc/ssl/imagespec/ca.pem", ""]
ENV SSL_CERT_FILE=/etc/ssl/imagespec/ca.pem
ENV REQUESTS_CA_BUNDLE=/etc/ssl/imagespec/ca.pem
ENV PIP_CERT=/etc/ssl/imagespec/ca.pem
ENV CURL_CA_BUNDLE=/etc/ssl/imagespec/ca.pem
ENV GIT_SSL_CAINFO=/etc/ssl/imagespec/ca.pem
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/imagespec/ca.pem
LABEL "org.opencontainers.image.title"="app"
LABEL "dev.imagespec.builder"="docker"
LABEL "dev.imagespec.tag"="bx3q5ufs4ds2zsq2lfsl4f2uoi"
ENV IMAGESPEC_ID="abcdefghijklmnopqrstuvwxyz"
LABEL "dev.imagespec.plan"="{\"base\":{\"kind\":\"reference\",\"reference\":\"docker.io/library/python:3.12-slim-bookworm\"},\"builderOptions\":{},\"platforms\":[\"linux/amd64\"],\"recipe\":1,\"steps\":[{\"kind\":\"apt\",\"packages\":[\"git\",\"libpq-dev\"]},{\"files\":[],\"index\":{\"extraArguments\":[],\"extraIndexes\":[]},\"kind\":\"requirements\",\"local\":[],\"packages\":[\"rich\"]},{\"commands\":[\"cd /srv\",\"python -m compileall data\"],\"kind\":\"commands\"}],\"workDirectory\":\"/root\"}"
