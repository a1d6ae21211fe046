# Daylight for the served setting. One image is web, worker and timer; docker-compose.yml says which is which.

# --- Styles and scripts ---------------------------------------------------------------------------------------------
FROM node:22-slim AS frontend
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

# --- Python packages ------------------------------------------------------------------------------------------------
FROM python:3.13-slim-trixie AS packages
COPY requirements/production.txt /tmp/production.txt
RUN python -m venv /opt/daylight \
 && /opt/daylight/bin/pip install --no-cache-dir --no-input --require-hashes --requirement /tmp/production.txt

# --- The program ----------------------------------------------------------------------------------------------------
FROM python:3.13-slim-trixie
# The libraries and fonts of bin/system-packages (a test compares the two lists).
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 fontconfig fonts-liberation fonts-dejavu-core \
     tesseract-ocr tesseract-ocr-eng tesseract-ocr-osd \
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 daylight \
 && useradd --uid 10001 --gid daylight --no-create-home --home-dir /app --shell /usr/sbin/nologin daylight \
 && install --directory --owner daylight --group daylight /app /app/var /data /data/store /data/derived
ENV PATH=/opt/daylight/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DAYLIGHT_MODE=production READ_DOT_ENV=False DATA_DIR=/app/var STORE_DIR=/data/store DERIVED_DIR=/data/derived
WORKDIR /app
COPY --from=packages /opt/daylight /opt/daylight
COPY manage.py pyproject.toml ./
COPY bin/healthy bin/healthy
COPY foia/ foia/
COPY requests_app/ requests_app/
COPY templates/ templates/
COPY --from=frontend /app/frontend/dist/ frontend/dist/
USER daylight
# Collected into the image, not into a volume, so that a new image never serves old styles. The values below satisfy the
# checks of production for this one command, and are in no running container.
RUN SECRET_KEY=only-while-this-image-is-built-never-in-a-container SALT_KEY=only-while-this-image-is-built \
    ALLOWED_HOSTS=build.invalid SITE_URL=https://build.invalid DATABASE_URL=sqlite:////tmp/none.sqlite3 \
    python manage.py collectstatic --noinput
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "bin/healthy"]
CMD ["gunicorn", "foia.wsgi:application", "--bind", "0.0.0.0:8000", "--threads", "4", "--timeout", "120", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
