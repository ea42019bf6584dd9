# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.

FROM --platform=linux/amd64 docker.io/library/python:3.12-slim-bookworm AS base

FROM base AS uv
RUN --mount=type=bind,source=.imagespec/secrets.sh,target=/dev/.imagespec/secrets.sh \
    --mount=type=bind,source=.imagespec/uv.sh,target=/dev/.imagespec/uv.sh \
    --mount=type=bind,source=.imagespec/uv,target=/dev/.imagespec/uv \
    --mount=type=cache,id=imagespec-pip,target=/dev/.imagespec/cache/pip \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    --mount=type=secret,id=imagespec-netrc,target=/dev/.imagespec/secrets/1,required=true \
    --mount=type=secret,id=token,target=/dev/.imagespec/secrets/2,required=true \
    ["/bin/sh", "-e", "/dev/.imagespec/secrets.sh", "netrc:", "variable:INDEX_TOKEN", "--", "/bin/sh", "-e", "/dev/.imagespec/uv.sh", "--index-url=https://index.example/simple", "--extra-index-url=https://more.example/simple"]

FROM base AS image
RUN --mount=type=bind,source=.imagespec/apt.sh,target=/dev/.imagespec/apt.sh \
    --mount=type=cache,sharing=locked,id=imagespec-apt-cbe742636fb7-archives,target=/var/cache/apt \
    --mount=type=cache,sharing=locked,id=imagespec-apt-cbe742636fb7-lists,target=/var/lib/apt/lists \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    ["/bin/sh", "-e", "/dev/.imagespec/apt.sh", "--", "git", "libpq-dev"]
RUN --mount=type=bind,source=.imagespec/secrets.sh,target=/dev/.imagespec/secrets.sh \
    --mount=type=bind,source=.imagespec/python.sh,target=/dev/.imagespec/python.sh \
    --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-uv,target=/dev/.imagespec/cache/uv \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    --mount=type=secret,id=imagespec-netrc,target=/dev/.imagespec/secrets/1,required=true \
    --mount=type=secret,id=token,target=/dev/.imagespec/secrets/2,required=true \
    ["/bin/sh", "-e", "/dev/.imagespec/secrets.sh", "netrc:", "variable:INDEX_TOKEN", "--", "/bin/sh", "-e", "/dev/.imagespec/python.sh", "3.12", "--default-index=https://index.example/simple", "--index=https://more.example/simple"]
ENV GREETING="say \"\$HOME\""
ARG IMAGESPEC_ARG_1
ENV MOTD="${IMAGESPEC_ARG_1}"
ENV PATH="/opt/tool/bin:/opt/venv/bin:""${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
RUN --mount=type=bind,source=.imagespec/secrets.sh,target=/dev/.imagespec/secrets.sh \
    --mount=type=bind,source=.imagespec/requirements.sh,target=/dev/.imagespec/requirements.sh \
    --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-uv,target=/dev/.imagespec/cache/uv \
    --mount=type=bind,source=requirements/0.txt,target=/dev/.imagespec/context/requirements/0.txt \
    --mount=type=bind,source=requirements/1.txt,target=/dev/.imagespec/context/requirements/1.txt \
    --mount=type=bind,source=requirements/local/0,target=/dev/.imagespec/context/requirements/local/0,rw \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    --mount=type=secret,id=imagespec-netrc,target=/dev/.imagespec/secrets/1,required=true \
    --mount=type=secret,id=token,target=/dev/.imagespec/secrets/2,required=true \
    ["/bin/sh", "-e", "/dev/.imagespec/secrets.sh", "netrc:", "variable:INDEX_TOKEN", "--", "/bin/sh", "-e", "/dev/.imagespec/requirements.sh", "", "/dev/.imagespec/context/requirements", "--default-index=https://index.example/simple", "--index=https://more.example/simple", "--no-binary", "pandas", "-r", "0.txt", "--", "pandas>=2"]
WORKDIR "/root"
ENV PYTHONPATH="/root"
COPY ["source/", "/root/"]
COPY ["copy/0/", "/srv/data/"]
RUN --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin \
    --mount=type=cache,id=imagespec-commands-uv,target=/dev/.imagespec/cache/uv \
    --mount=type=cache,id=imagespec-commands-pip,target=/dev/.imagespec/cache/pip \
    --mount=type=secret,id=imagespec-ca,target=/dev/.imagespec/ca.pem,required=true \
    ["/bin/sh", "-e", "-c", "--", "\
export PATH=\"$PATH:/dev/.imagespec/bin\" UV_CACHE_DIR=/dev/.imagespec/cache/uv UV_LINK_MODE=copy PIP_CACHE_DIR=/dev/.imagespec/cache/pip UV_BREAK_SYSTEM_PACKAGES=1 PIP_BREAK_SYSTEM_PACKAGES=1; if [ -z \"${VIRTUAL_ENV:-}${UV_PYTHON:-}\" ] && command -v python3 >/dev/null; then export UV_PYTHON=\"$(command -v python3)\"; fi\n\
unset IMAGESPEC_ARG_1\n\
export SSL_CERT_FILE=/dev/.imagespec/ca.pem REQUESTS_CA_BUNDLE=/dev/.imagespec/ca.pem PIP_CERT=/dev/.imagespec/ca.pem\n\
export CURL_CA_BUNDLE=/dev/.imagespec/ca.pem GIT_SSL_CAINFO=/dev/.imagespec/ca.pem NODE_EXTRA_CA_CERTS=/dev/.imagespec/ca.pem\n\
cd /srv\n\
python -m compileall data\n\
"]
ENTRYPOINT ["python", "-m", "app"]
LABEL "org.opencontainers.image.title"="app"
LABEL "org.example.team"="a \\ b"
LABEL "dev.imagespec.builder"="docker"
LABEL "dev.imagespec.tag"="j7bfycooipldhgn4ukyio5cof4"
ENV IMAGESPEC_ID="abcdefghijklmnopqrstuvwxyz"
LABEL "dev.imagespec.plan"="{\"base\":{\"kind\":\"reference\",\"reference\":\"docker.io/library/python:3.12-slim-bookworm\"},\"builderOptions\":{},\"platforms\":[\"linux/amd64\"],\"recipe\":1,\"steps\":[{\"kind\":\"apt\",\"packages\":[\"git\",\"libpq-dev\"]},{\"kind\":\"python\",\"version\":\"3.12\"},{\"extraPath\":[\"/opt/tool/bin\"],\"kind\":\"environment\",\"variables\":{\"GREETING\":\"say \\\"\$HOME\\\"\",\"MOTD\":\"one\\ntwo\"}},{\"files\":[[\"-c 1.txt\",\"requests\"],[\"urllib3<3\"]],\"index\":{\"extraArguments\":[\"--no-binary\",\"pandas\"],\"extraIndexes\":[\"https://more.example/simple\"],\"index\":\"https://index.example/simple\"},\"kind\":\"requirements\",\"local\":[{\"files\":[],\"target\":\"/requirements/local/0\"}],\"packages\":[\"pandas>=2\"]},{\"kind\":\"files\",\"origin\":\"source\",\"trees\":[{\"files\":[[\"file\",\"main.py\",false,\"0000000000000000000000000000000000000000000000000000000000000000\"]],\"target\":\"/root\"}]},{\"kind\":\"files\",\"origin\":\"copy\",\"trees\":[{\"files\":[[\"file\",\"main.py\",false,\"0000000000000000000000000000000000000000000000000000000000000000\"]],\"target\":\"/srv/data\"}]},{\"commands\":[\"cd /srv\",\"python -m compileall data\"],\"kind\":\"commands\"},{\"arguments\":[\"python\",\"-m\",\"app\"],\"kind\":\"entrypoint\"},{\"kind\":\"labels\",\"labels\":{\"org.example.team\":\"a \\\\ b\"}}],\"workDirectory\":\"/root\"}"
