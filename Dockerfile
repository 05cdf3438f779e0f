# Two images: `web`, the site and its worker of videos, and `training`, which adds TensorFlow. See docs/scaling.md.
# The base is any image with Python 3.11 to 3.13, or one of Debian, where Python is installed from.
ARG BASE=docker.io/library/python:3.12-slim

FROM ${BASE} AS base
RUN python3 -c 'import ensurepip' 2>/dev/null || { \
        apt-get update && apt-get install --yes --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*; }
# The volume's owner: whoever keeps files in a folder of the host gives it to this number.
RUN useradd --system --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin expressions \
    && install --directory --owner expressions --mode 700 /var/lib/expressions
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    HOST=0.0.0.0 \
    PORT=8000 \
    VAR_DIR=/var/lib/expressions \
    MODELS_STORE=/var/lib/expressions/models \
    STATIC_ROOT=/opt/expressions/collected
WORKDIR /opt/expressions
VOLUME /var/lib/expressions

FROM base AS packages
COPY requirements-web.lock .
RUN python3 -m venv /opt/venv && pip install --no-cache-dir --require-hashes --requirement requirements-web.lock

FROM packages AS training-packages
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

FROM packages AS site
COPY . .
RUN SECRET_KEY=unused VAR_DIR=/tmp/var python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q . \
    && chmod -R u=rwX,go=rX .

FROM training-packages AS training
COPY --from=site /opt/expressions .
USER expressions
CMD ["deploy/worker", "training", "1"]

FROM packages AS web
COPY --from=site /opt/expressions .
USER expressions
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["python", "-m", "ferproject.server.main"]
