FROM test:1 AS base
ARG GREETING=hello
RUN echo "$GREETING" >/greeting

FROM base
COPY Dockerfile /Dockerfile
