"""Reads the multipart body of an upload into metadata and contents; it stores nothing."""

from __future__ import annotations

import base64
import binascii
import re
from email.parser import BytesParser
from email.policy import HTTP

from sandbox.quickbooks.calls import read_body
from sandbox.quickbooks.errors import Fault, Json

UPLOAD_LIMIT = 100 * 1024 * 1024


def read_upload(content_type: str, body: bytes) -> list[tuple[Json, str | None, str | None, bytes]]:
    """The parts of an upload, metadata with content; bare line feeds are taken too, as a known client sends them."""
    if len(body) > UPLOAD_LIMIT:
        raise Fault(6030, "Upload larger than 100 MB")
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if not content_type.startswith("multipart/") or found is None:
        raise Fault(1050, f"Invalid content type : {content_type}")
    metadata: dict[str, Json] = {}
    contents: dict[str, tuple[str | None, str | None, bytes]] = {}
    for part in body.split(b"--" + found[1].encode()):
        head, content = _split_part(part)
        if head is None:
            continue
        message = BytesParser(policy=HTTP).parsebytes(head + b"\n\n", headersonly=True)
        name = str(message.get_param("name", "", header="content-disposition") or "")
        number = name.rsplit("_", 1)[-1]
        if name.startswith("file_metadata"):
            metadata[number] = read_body(content)
        elif name.startswith("file_content"):
            if str(message.get("Content-Transfer-Encoding", "")).lower() == "base64":
                content = _base64(content)
            contents[number] = (message.get_filename(), str(message.get("Content-Type", "")) or None, content)
    if not contents:
        raise Fault(2020, "Required parameter file_content is missing in the request")
    return [(metadata.get(number, {}), *part) for number, part in contents.items()]


def _split_part(part: bytes) -> tuple[bytes | None, bytes]:
    part = part.removeprefix(b"\r\n").removeprefix(b"\n")
    if not part or part.startswith(b"--"):
        return None, b""
    found = re.search(rb"\r?\n\r?\n", part)
    if found is None:
        return None, b""
    return part[: found.start()], part[found.end() :].removesuffix(b"\n").removesuffix(b"\r")


def _base64(content: bytes) -> bytes:
    try:
        return base64.b64decode(content)
    except binascii.Error:
        raise Fault(6040, "Invalid attachable content : it is no base64") from None
