"""JSON of the fields of a record, whose validators may have made other values of them, or compute them."""

from pydantic_core import to_jsonable_python

from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Fault, InvalidValue, Json
from plait.core.values.record_fields import get_field
from plait.core.values.value_type import ValueType, iter_types


def encode_field(value_type: ValueType, value: object, context: CallContext, name: str) -> Json:
    """The JSON form of a field. A validator may have made another value of it, which is written as pydantic would."""
    try:
        return value_type.encode(value, context)
    except InvalidValue as error:
        try:
            json_value: Json = to_jsonable_python(value)
            value_type.decode(json_value, context)
        except Exception:  # neither the declared type nor one that has its JSON
            raise InvalidValue(str(error), value, faults=error.faults_at(name)) from None
        return json_value


def encode_computed(value_type: ValueType, value: object, name: str, context: CallContext) -> Json:
    """The JSON form of a computed field. Raises InvalidValue if its code fails."""
    try:
        computed = get_field(value, name)
    except Exception as error:
        message = f"the code of the computed field failed with {type(error).__name__}: {error}"
        raise InvalidValue(message, None, faults=(Fault((name,), message, None),)) from error
    return encode_field(value_type, computed, context, name)


def is_standard(value_type: ValueType) -> bool:
    """Whether pydantic reads the type's JSON form as it stands: no references, images, boxes, tags of unions."""
    special = ("ref", "image", "box", "union")
    types = [each for _, each in iter_types(value_type)]
    return all(each.name not in special and type(each).__module__.startswith("plait.types.") for each in types)
