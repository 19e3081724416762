# Boli's command line in a container; no torch. Build: docker build -t boli .
# Run, as yourself so that the transcripts are yours:
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/audio" boli transcribe /audio --dialect hi-IN --out /audio/out
# Fetched and converted models are lost with the container unless a volume keeps them: -v boli-models:/var/cache/boli

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY app app
COPY pipeline pipeline
COPY models models
COPY scripts scripts
RUN python -m venv /opt/boli \
    && /opt/boli/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.11-slim-bookworm
# Whoever --user names has no home here, so the cache is everybody's, as /tmp is.
RUN useradd --uid 10001 boli && install -d -m 1777 /var/cache/boli
COPY --from=build /opt/boli /opt/boli
# Beside the installed packages, where the demo model is looked for.
COPY demo /opt/boli/lib/python3.11/site-packages/demo
ENV PATH=/opt/boli/bin:$PATH PYTHONUNBUFFERED=1 BOLI_CACHE_FOLDER=/var/cache/boli
USER boli
WORKDIR /audio
ENTRYPOINT ["boli"]
CMD ["--help"]
