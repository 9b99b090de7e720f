# The command on a CPU, without Hailo's SDK:
#   docker build -t hailo-first-aid .
#   docker run --rm -v "$PWD:/work" --user "$(id -u):$(id -g)" hailo-first-aid -d calibset.npy model.har
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml setup.py MANIFEST.in README.md LICENSE requirements.txt requirements-onnx.txt \
    requirements-fleet.txt requirements-dev.txt main.py __main__.py ./
COPY docs/hailo-first-aid.1 docs/
COPY diagnosis diagnosis
COPY inspectors inspectors
COPY utils utils
RUN python -m venv /opt/aid && /opt/aid/bin/pip install --no-cache-dir --quiet .

FROM python:3.12-slim
COPY --from=build /opt/aid /opt/aid
RUN useradd --create-home --uid 10001 aid
ENV PATH=/opt/aid/bin:$PATH HOME=/tmp
USER aid
WORKDIR /work
ENTRYPOINT ["hailo-first-aid"]
CMD ["--help"]
