FROM python:3.11-slim

RUN pip install --no-cache-dir uv \
    && useradd --uid 50000 --create-home sangkien \
    && install --directory --owner=sangkien /var/lib/sangkien /var/log/sangkien /inbox /outbox /bulletin

WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1

# The packages first: they change less often than the project.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --locked --no-dev --extra celery --extra s3 --extra sftp --no-install-project

COPY plugins plugins
COPY dags dags
COPY expectations expectations
COPY --chown=sangkien dbt_project dbt_project
RUN uv sync --locked --no-dev --extra celery --extra s3 --extra sftp

USER sangkien
CMD ["sangkien", "--help"]
