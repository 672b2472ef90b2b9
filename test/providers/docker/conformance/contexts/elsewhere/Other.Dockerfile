FROM vmcluster.internal/box:1
ENV ELSEWHERE=1
