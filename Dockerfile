# Serves the atlas that is shipped: docker build -t platonic-atlas . && docker run --rm -p 5006:5006 platonic-atlas
# Then http://localhost:5006/. Under another name, say which: docker run … platonic-atlas --allow-origin atlas.example.org
FROM python:3.12-slim AS wheel
WORKDIR /source
COPY pyproject.toml setup.py README.md LICENSE ./
COPY engine engine
COPY dashboard dashboard
COPY data data
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
# Wheels only: what is served needs no compiler, and none is brought in
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --only-binary :all: /wheels/*.whl \
    && useradd --create-home --uid 1000 atlas
USER 1000
WORKDIR /home/atlas
EXPOSE 5006
# Beyond loopback: what a visitor keeps stays in the visitor's session (SECURITY.md)
ENTRYPOINT ["platonic", "serve", "--address", "0.0.0.0", "--port", "5006", "--no-show"]
