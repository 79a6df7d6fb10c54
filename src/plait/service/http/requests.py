"""What a request to a task says: its slots in wire form, its options."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from plait.core import forms
from plait.core.declaration import Declaration
from plait.core.errors import InputError, Problem
from plait.core.forms import Fields
from plait.core.inputs import inputs_from_wire, missing_or_unknown, problems_of
from plait.core.jsontext import loads
from plait.core.kinds import Json, WireError
from plait.core.nearest import nearest
from plait.core.options import Options, options_in

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
        return wire_of_form(declaration, await fields_of(request))
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


def wire_of_form(declaration: Declaration, fields: Fields) -> dict[str, Json]:
    """The slots of a form in wire form. All faults at once, each at its field."""
    known = {slot.name for slot in declaration.slots}
    for name in fields.sent:
        slot = name.partition(".")[0]
        if slot not in known and not name.startswith("_"):
            raise missing_or_unknown(declaration, slot, "is not a slot", fields.sent[name][-1], nearest(slot, known))
    wire: dict[str, Json] = {}
    problems: list[Problem] = []
    for slot in declaration.slots:
        try:
            if slot.required or fields.has(slot.name):
                wire[slot.name] = forms.read(slot.kind, fields, slot.name)
        except WireError as error:
            problems += problems_of(slot.name, error)
    if problems:
        raise InputError(f"{declaration.name} cannot take this", problems=tuple(problems))
    return wire


async def asked(declaration: Declaration, request: Request) -> tuple[dict[str, object], Options]:
    """The inputs as Python values, and the options of the query."""
    options = options_in(dict(request.query_params))
    return inputs_from_wire(declaration, await wire_inputs(declaration, request)), options


async def unless_gone(request: Request, work: Callable[[], Awaitable[T]]) -> T:
    """The result of the work, which is cancelled as soon as the client has gone."""
    task: asyncio.Task[T] = asyncio.ensure_future(work())  # type: ignore[arg-type]
    gone = asyncio.ensure_future(departure(request))
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
