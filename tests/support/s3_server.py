"""A real S3 server for tests: moto's, in a thread, with what it stores in this process' memory."""

from __future__ import annotations

import itertools
import logging

import boto3
from moto.server import ThreadedMotoServer

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-central-1"}
_numbers = itertools.count(1)


class S3Server:
    """Owns the server; its buckets outlive a stop."""

    credentials = CREDENTIALS

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()
        _, self._port = self._server.get_host_and_port()

    def stop(self) -> None:
        self._server.stop()

    def environment(self) -> dict[str, str]:
        """Return the environment of a site that uses a new bucket of this server."""
        name = f"site-{next(_numbers)}"
        where = {"LocationConstraint": self.credentials["AWS_DEFAULT_REGION"]}
        self.client().create_bucket(Bucket=name, CreateBucketConfiguration=where)
        return {"S3_BUCKET": name, "S3_ENDPOINT_URL": self.url, **self.credentials}

    def client(self):
        """Return a client as another program would have it."""
        key, secret, region = self.credentials.values()
        return boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id=key, aws_secret_access_key=secret, region_name=region
        )

    def names(self, bucket: str) -> list[str]:
        """Return the names of all objects in a bucket."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [each["Key"] for page in pages for each in page.get("Contents", ())]
