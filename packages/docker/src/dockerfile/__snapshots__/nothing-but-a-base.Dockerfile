# Written by imagespec. Build it with build.sh, which knows its platform, arguments and secrets.

FROM --platform=linux/amd64 docker.io/library/python:3.12-slim-bookworm AS base

FROM base AS image
WORKDIR "/root"
ENV PYTHONPATH="/root"
LABEL "org.opencontainers.image.title"="app"
LABEL "dev.imagespec.builder"="docker"
LABEL "dev.imagespec.tag"="pyszs2eqqwscu4gcvfw6nceq4q"
ENV IMAGESPEC_ID="abcdefghijklmnopqrstuvwxyz"
LABEL "dev.imagespec.plan"="{\"base\":{\"kind\":\"reference\",\"reference\":\"docker.io/library/python:3.12-slim-bookworm\"},\"builderOptions\":{},\"platforms\":[\"linux/amd64\"],\"recipe\":1,\"steps\":[],\"workDirectory\":\"/root\"}"
