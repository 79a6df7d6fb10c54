"""Reads requests to tasks: inputs from JSON, forms or multipart bodies, options from the query."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from pathlib import PurePath
from typing import TypeVar

from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect, Request

from plait.core.errors import InputError, Problem
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options, parse_options
from plait.core.values.forms import FormFields
from plait.core.values.inputs import inputs_from_json
from plait.core.values.json_text import loads
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote, to_printable
from plait.core.values.value_type import IMAGE, ValueType
from plait.http.persons import USER
from plait.http.security import MAX_BODY_BYTES
from plait.types.image import Image
from plait.types.image.image_type import data_url_with_name
from plait.web.form import form_to_json

T = TypeVar("T")
RECEIVE_TIMEOUT = 30.0  # seconds for the whole request; uvicorn itself waits for ever
MAX_FIELDS = 5_000
MAX_FILES = 100


async def read_body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(RECEIVE_TIMEOUT):
            return await request.body()
    except TimeoutError:
        raise InputError(f"the request was not complete within {RECEIVE_TIMEOUT:g} seconds") from None


async def read_inputs_json(declaration: Declaration, request: Request) -> Json:
    """The inputs in JSON form. `curl -d '{...}'` sends JSON with the content type of a form."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request)
    if content_type in ("application/x-www-form-urlencoded", "multipart/form-data") and not body.lstrip().startswith(
        b"{"
    ):
        return form_to_json(declaration, await read_form(declaration, request))
    if not body.strip():
        return {}
    return loads(body, "the body")


async def parse_form(request: Request) -> FormData:
    await read_body(request)
    try:
        return await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_BODY_BYTES)
    except Exception as error:  # starlette turns the parser's errors into HTTPException, or lets them through
        raise InputError(
            f"the form cannot be read: {getattr(error, 'detail', error)}",
            hint="send text fields; to send the content of a file: curl -F 'text=<invoice.txt'",
        ) from None


async def read_upload(request: Request, field: str) -> tuple[str, bytes]:
    """Name and content of the file in a form. Raises InputError if there is none."""
    form = await parse_form(request)
    try:
        upload = form.get(field)
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise InputError("no file was sent", hint=f"choose one, or: curl -F {field}=@FILE.csv URL")
        return PurePath(upload.filename).name, await upload.read()
    finally:
        await form.close()


async def read_form(declaration: Declaration, request: Request) -> FormFields:
    texts: dict[str, list[str]] = {}
    form = await parse_form(request)
    try:
        for name, value in form.multi_items():
            values = texts.setdefault(name, [])
            if isinstance(value, str):
                values.append(value)
            elif value.size or not values:  # an empty file chooser adds nothing to other values
                values.append(await read_image(declaration, name, value))
    finally:
        await form.close()
    return FormFields(texts)


async def read_image(declaration: Declaration, name: str, upload: UploadFile) -> str:
    """The data URL of an uploaded image. Raises InputError for a file where the input is not an image."""
    first, *rest = name.split(".")
    parameter = declaration.parameter(first)
    if parameter is None or not accepts_image(parameter.value_type, rest):
        message = "does not accept a file" if parameter else f"is not an input of {declaration.name}"
        raise InputError(
            f"{declaration.name} cannot accept these inputs",
            problems=(Problem(to_printable(name), message, quote(upload.filename or "a file")),),
            hint="send text fields; to send the content of a file: curl -F 'text=<invoice.txt'",
        )
    return data_url_with_name(Image(await upload.read(), file=upload.filename or "")) if upload.size else ""


def accepts_image(value_type: ValueType, path: Sequence[str]) -> bool:
    """Whether the field at that path inside the type is an image."""
    inner = dict(value_type.children)
    if "" in inner:
        return accepts_image(inner[""], path)
    if not path:
        return value_type.media == IMAGE
    step = "[]" if "[]" in inner else path[0]
    return step in inner and accepts_image(inner[step], path[1:])


async def read_request(declaration: Declaration, request: Request) -> tuple[dict[str, object], Options]:
    """The inputs as Python values, and the options of the query, beside the person."""
    options = parse_options({name: text for name, text in request.query_params.items() if name != USER})
    return await parse_inputs(declaration, await read_inputs_json(declaration, request)), options


async def parse_inputs(declaration: Declaration, json_value: Json) -> dict[str, object]:
    """As `inputs_from_json`; images are opened in a thread: 40 megapixels of JPEG take a quarter of a second."""
    if any(parameter.has_images for parameter in declaration.parameters):
        return await asyncio.to_thread(inputs_from_json, declaration, json_value)
    return inputs_from_json(declaration, json_value)


async def cancel_on_disconnect(request: Request, work: Awaitable[T]) -> T:
    """The result of the work, which is cancelled when the client disconnects."""
    task = asyncio.ensure_future(work)
    gone = asyncio.create_task(wait_for_disconnect(request))
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


async def first_event(request: Request, events: AsyncGenerator[T, None]) -> T:
    """The first event of a stream: an error before it can still have its own status."""
    try:
        return await cancel_on_disconnect(request, anext(events))
    except BaseException:
        async with aclosing(events):
            raise


async def wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
