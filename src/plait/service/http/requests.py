"""What a request to a task says: its slots in wire form, its options."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from plait.core.declaration import Declaration
from plait.core.errors import InputError
from plait.core.forms import Fields
from plait.core.inputs import inputs_from_wire
from plait.core.jsontext import loads
from plait.core.kinds import Json
from plait.core.options import Options, options_in
from plait.web.form import wire_of

T = TypeVar("T")
RECEIVED_WITHIN = 30.0  # seconds for the whole request; uvicorn itself waits for ever
FIELDS = 5_000


async def body_of(request: Request) -> bytes:
    try:
        async with asyncio.timeout(RECEIVED_WITHIN):
            return await request.body()
    except TimeoutError:
        raise InputError(f"the request was not whole within {RECEIVED_WITHIN:g} seconds") from None


async def wire_inputs(declaration: Declaration, request: Request) -> Json:
    """The slots as JSON, a form or multipart says them. `curl -d '{...}'` calls its JSON a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await body_of(request)
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data") and not body.lstrip().startswith(b"{"):
        return wire_of(declaration, await fields_of(request))
    if not body.strip():
        return {}
    return loads(body, "the body")


async def fields_of(request: Request) -> Fields:
    await body_of(request)
    sent: dict[str, list[str]] = {}
    try:
        form = await request.form(max_files=0, max_fields=FIELDS, max_part_size=2**23)
    except Exception as fault:  # starlette turns the parser's errors into HTTPException, or lets them through
        raise InputError(
            f"the form cannot be read: {getattr(fault, 'detail', fault)}",
            way_out="send fields of text; what stands in a file goes with curl -F 'text=<invoice.txt'",
        ) from None
    for name, value in form.multi_items():
        sent.setdefault(name, []).append(str(value))
    return Fields(sent)


async def asked(declaration: Declaration, request: Request) -> tuple[dict[str, object], Options]:
    """The inputs as Python values, and the options of the query."""
    options = options_in(dict(request.query_params))
    return inputs_from_wire(declaration, await wire_inputs(declaration, request)), options


async def unless_gone(request: Request, work: Awaitable[T]) -> T:
    """The result of the work, which is cancelled as soon as the client has gone."""
    task = asyncio.ensure_future(work)
    gone = asyncio.create_task(departure(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        gone.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


async def departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
