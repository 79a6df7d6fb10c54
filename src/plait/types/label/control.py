from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import dumps
from plait.core.values.value_type import InvalidValue, Json
from plait.types.label.value import Label


def read(kind: Label, fields: FormFields, name: str) -> Json:
    """The label that the text stands for; where none does, the one that differs in capitals only."""
    said = fields.get_one(name).replace("\r\n", "\n")
    by_text = dict(zip(texts(kind), kind.labels, strict=True))
    by_lower = {text.lower(): label for text, label in reversed(by_text.items())}
    for known, asked in ((by_text, said), (by_lower, said.lower())):
        if asked in known:
            return known[asked]
    raise InvalidValue(f"should be one of {', '.join(map(str, kind.labels))}", said)


def filled(kind: Label, wire: Json, name: str) -> Texts:
    return {name: [text for text, label in zip(texts(kind), kind.labels, strict=True) if same(label, wire)]}


def texts(kind: Label) -> list[str]:
    """What a form sends for each label: itself, or its JSON where two read the same ("1" and 1) or one is blank."""
    plain = [str(label) for label in kind.labels]
    return [
        text if plain.count(text) == 1 and text.strip() else dumps(label)
        for text, label in zip(plain, kind.labels, strict=True)
    ]


def same(label: object, wire: Json) -> bool:
    return label == wire and type(label) is type(wire)
