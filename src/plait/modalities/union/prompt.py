from plait.core.jsontext import dumps
from plait.core.kinds import Beside
from plait.core.kinds import outline as outline_of
from plait.core.kinds import written as written_of
from plait.modalities.union.value import Union_


def written(kind: Union_, value: object, beside: Beside) -> str:
    tag, option = kind.option(value)
    return f"{tag}: {written_of(option, value, beside)}"


def outline(kind: Union_) -> str:
    return " or ".join(f"{{{dumps(tag)}: {outline_of(option)}}}" for tag, option in kind.options)
