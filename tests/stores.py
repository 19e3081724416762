"""Stores for tests: a folder, and a bucket of an S3 server that the tests start."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from app.storage import Store, open_store

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Address of a local S3 server, with credentials in the environment that it takes."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    before = {name: os.environ.get(name) for name in CREDENTIALS}
    os.environ.update(CREDENTIALS)
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    for name, value in before.items():
        os.environ.pop(name)
        if value is not None:
            os.environ[name] = value


@pytest.fixture(params=["folder", "bucket"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a store of each kind, empty."""
    return settings_of_store(tmp_path, request.getfixturevalue("s3_endpoint") if request.param == "bucket" else None)


@pytest.fixture
def store(store_settings: Settings) -> Store:
    """An empty store of each kind."""
    return open_store(store_settings)


def settings_of_store(folder: Path, s3_endpoint: str | None) -> Settings:
    """Settings of an empty store: a bucket of the server, or a folder where there is none."""
    if s3_endpoint is None:
        return Settings(data_folder=folder / "data")
    import boto3  # type: ignore[import-untyped]

    bucket = f"boli-{uuid.uuid4().hex}"
    boto3.client("s3", endpoint_url=s3_endpoint, region_name=REGION).create_bucket(Bucket=bucket)
    return Settings(
        data_folder=folder / "data", store=f"s3://{bucket}/some/place", s3_endpoint=s3_endpoint, s3_region=REGION
    )
