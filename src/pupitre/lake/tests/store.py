"""As much of S3's protocol as DuckDB speaks, kept in memory: a store of the tests' own."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from itertools import count
from xml.sax.saxutils import escape

from aiohttp import web

BUCKET = "events"


class Store:
    """Objects by key, and the uploads that are not complete."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.refused = 0
        self.port = 0
        self._parts: dict[str, dict[int, bytes]] = {}
        self._ids = count(1)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if "Credential=tester/" not in request.headers.get("Authorization", ""):
            self.refused += 1
            return web.Response(status=403)
        key = request.path.removeprefix(f"/{BUCKET}").lstrip("/")
        method = getattr(self, f"_{request.method.lower()}")
        answered: web.StreamResponse = await method(key, request)
        return answered

    async def _put(self, key: str, request: web.Request) -> web.Response:
        body = await request.read()
        if "uploadId" in request.query:
            part = int(request.query["partNumber"])
            self._parts[request.query["uploadId"]][part] = body
            return web.Response(headers={"ETag": f'"{part}"'})
        self.objects[key] = body
        return web.Response(headers={"ETag": '"whole"'})

    async def _post(self, key: str, request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        if "uploads" in request.query:
            upload = str(next(self._ids))
            self._parts[upload] = {}
            said = f"<R><UploadId>{upload}</UploadId></R>"
        elif "delete" in request.query:
            for gone in re.findall(r"<Key>(.*?)</Key>", body):
                self.objects.pop(gone, None)
            said = "<DeleteResult></DeleteResult>"
        else:
            parts = self._parts.pop(request.query["uploadId"])
            self.objects[key] = b"".join(parts[number] for number in sorted(parts))
            said = "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>"
        return web.Response(text=said, content_type="application/xml")

    async def _delete(self, key: str, _: web.Request) -> web.Response:
        self.objects.pop(key, None)
        return web.Response(status=204)

    async def _head(self, key: str, request: web.Request) -> web.Response:
        return await self._get(key, request)

    async def _get(self, key: str, request: web.Request) -> web.Response:
        if "list-type" in request.query:
            return self._listed(request.query.get("prefix", ""))
        if key not in self.objects:
            return web.Response(status=404)
        body = self.objects[key]
        headers = {"ETag": f'"{hash(body)}"', "Last-Modified": formatdate(0, usegmt=True)}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        if asked is None:
            return web.Response(body=body, headers=headers)
        first, last = int(asked[1]), int(asked[2] or len(body) - 1)
        part = body[first : last + 1]
        headers["Content-Range"] = f"bytes {first}-{first + len(part) - 1}/{len(body)}"
        return web.Response(status=206, body=part, headers=headers)

    def _listed(self, prefix: str) -> web.Response:
        lines = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>1970-01-01T00:00:00.000Z"
            f'</LastModified><ETag>"x"</ETag><Size>{len(body)}</Size></Contents>'
            for key, body in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        said = f"<ListBucketResult><IsTruncated>false</IsTruncated>{lines}</ListBucketResult>"
        return web.Response(text=said, content_type="application/xml")


@contextmanager
def serving() -> Iterator[Store]:
    """A store at http://127.0.0.1:<its port>, served by a thread."""
    store = Store()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> web.AppRunner:
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", store.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        store.port = runner.addresses[0][1]
        return runner

    runner = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield store
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
