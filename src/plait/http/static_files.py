"""Static files of the pages, and third-party files, which lie compressed."""

import gzip
import mimetypes
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import plait

STATIC_FOLDER = Path(plait.__file__).parent / "web" / "static"
VENDOR_FOLDER = STATIC_FOLDER.parent / "vendor"


class CachedStaticFiles(StaticFiles):
    """Static files. URLs with a content hash (`?v=`) are cached for a year; others are revalidated, such as a script
    that another script imports.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = cache_control(scope["query_string"].startswith(b"v="))
        return response


def cache_control(is_versioned: bool) -> str:
    return "public, max-age=31536000, immutable" if is_versioned else "no-cache"


async def vendored_file(request: Request) -> Response:
    """A third-party file, sent as it lies; unpacked for a client that takes nothing compressed."""
    name = request.path_params["name"]
    files = {file.name.removesuffix(".gz"): file for file in VENDOR_FOLDER.glob("*.gz")}
    if name not in files:
        raise HTTPException(404)
    content, headers = files[name].read_bytes(), {"vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    headers["cache-control"] = cache_control(request.url.query.startswith("v="))
    return Response(content, headers=headers, media_type=mimetypes.guess_type(name)[0])
