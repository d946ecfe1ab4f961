# One image for every worker; compose.yaml chooses what it runs. Packages come pinned with hashes.
# User id 1883 is Mosquitto's in its own image: both write the volume of the broker's files.
FROM python:3.13-slim-trixie
WORKDIR /srv/phr
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
# For backups, which go through TLS: of the server's version (compose.yaml).
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
COPY pyproject.toml README.md LICENSE ./
COPY store ./store
COPY devices ./devices
COPY ingest ./ingest
COPY fhir_bridge ./fhir_bridge
COPY advice_engine ./advice_engine
COPY phr_api ./phr_api
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --system --uid 1883 --home-dir /var/lib/phr --create-home phr \
    && install -d -o phr -g phr /mosquitto/phr /var/lib/phr/inbox
USER phr
CMD ["phr", "--help"]
