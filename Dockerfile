# Boli's command line in a container; no torch. Build: docker build -t boli .
# Run: docker run --rm -v "$PWD:/audio" boli transcribe /audio --dialect hi-IN --out /audio/out

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
RUN useradd --create-home --uid 10001 boli
COPY --from=build /opt/boli /opt/boli
# Beside the installed packages, where the demo model is looked for.
COPY demo /opt/boli/lib/python3.11/site-packages/demo
ENV PATH=/opt/boli/bin:$PATH PYTHONUNBUFFERED=1
USER boli
WORKDIR /home/boli
HEALTHCHECK --interval=5m --timeout=30s CMD ["boli", "doctor"]
ENTRYPOINT ["boli"]
CMD ["--help"]
