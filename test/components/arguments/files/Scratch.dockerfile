FROM scratch AS base
ARG GREETING=hello
LABEL greeting=$GREETING
COPY Dockerfile /Dockerfile

FROM base
COPY over.yml /over.yml
