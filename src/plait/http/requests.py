"""What a request to a task says: its slots in wire form, its options."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import TypeVar

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from plait.core.calls.event_loop import closing
from plait.core.errors import InputError, Problem
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options, options_in
from plait.core.values.forms import Fields
from plait.core.values.inputs import inputs_from_wire
from plait.core.values.json_text import loads
from plait.core.values.quoting import printable, shown
from plait.core.values.value_type import Json, Kind
from plait.http.security import BODY
from plait.types.image.value import Image, with_name
from plait.web.form import wire_of

T = TypeVar("T")
RECEIVED_WITHIN = 30.0  # seconds for the whole request; uvicorn itself waits for ever
FIELDS = 5_000
FILES = 100


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
        return wire_of(declaration, await fields_of(declaration, request))
    if not body.strip():
        return {}
    return loads(body, "the body")


async def fields_of(declaration: Declaration, request: Request) -> Fields:
    await body_of(request)
    sent: dict[str, list[str]] = {}
    try:
        form = await request.form(max_files=FILES, max_fields=FIELDS, max_part_size=BODY)
    except Exception as fault:  # starlette turns the parser's errors into HTTPException, or lets them through
        raise InputError(
            f"the form cannot be read: {getattr(fault, 'detail', fault)}",
            way_out="send fields of text; what stands in a file goes with curl -F 'text=<invoice.txt'",
        ) from None
    try:
        for name, value in form.multi_items():
            said = sent.setdefault(name, [])
            if isinstance(value, str):
                said.append(value)
            elif value.size or not said:  # a file chooser that nothing was chosen in says no more than is there
                said.append(await picture_in(declaration, name, value))
    finally:
        await form.close()
    return Fields(sent)


async def picture_in(declaration: Declaration, name: str, sent: UploadFile) -> str:
    """What a file part says: the data URL of a picture. Raises InputError for a file where no picture is meant."""
    first, *rest = name.split(".")
    slot = declaration.slot(first)
    if slot is None or not takes_a_picture(slot.kind, rest):
        message = "takes no file" if slot else "is not a slot"
        raise InputError(
            f"{declaration.name} cannot take this",
            problems=(Problem(printable(name), message, shown(sent.filename or "a file")),),
            way_out="send fields of text; what stands in a file goes with curl -F 'text=<invoice.txt'",
        )
    return with_name(Image(await sent.read(), file=sent.filename or "")) if sent.size else ""


def takes_a_picture(kind: Kind, path: Sequence[str]) -> bool:
    """Whether the field of that name inside the kind is a picture's."""
    inner = dict(kind.children)
    if "" in inner:
        return takes_a_picture(inner[""], path)
    if not path:
        return kind.name == "image"
    step = "[]" if "[]" in inner else path[0]
    return step in inner and takes_a_picture(inner[step], path[1:])


async def asked(declaration: Declaration, request: Request) -> tuple[dict[str, object], Options]:
    """The inputs as Python values, and the options of the query."""
    options = options_in(dict(request.query_params))
    return await inputs_in(declaration, await wire_inputs(declaration, request)), options


async def inputs_in(declaration: Declaration, wire: Json) -> dict[str, object]:
    """As `inputs_from_wire`; pictures are opened in a thread: 40 megapixels of JPEG take a quarter of a second."""
    if any(slot.pictured for slot in declaration.slots):
        return await asyncio.to_thread(inputs_from_wire, declaration, wire)
    return inputs_from_wire(declaration, wire)


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


async def first_of(request: Request, events: AsyncIterator[T]) -> T:
    """The first event of a stream: what goes wrong before it still has a status of its own."""
    try:
        return await unless_gone(request, anext(events))
    except BaseException:
        async with closing(events):
            raise


async def departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
