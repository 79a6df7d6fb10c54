from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_text import dumps
from plait.core.values.value_type import InvalidValue, Json
from plait.types.label.value import EnumerationType


def read(value_type: EnumerationType, fields: FormFields, name: str) -> Json:
    """The label that the text stands for; where none does, the one that differs in capitals only."""
    text = fields.get_one(name).replace("\r\n", "\n")
    by_text = dict(zip(label_texts(value_type), value_type.labels, strict=True))
    by_lower = {text.lower(): label for text, label in reversed(by_text.items())}
    for labels, wanted in ((by_text, text), (by_lower, text.lower())):
        if wanted in labels:
            return labels[wanted]
    raise InvalidValue(f"should be one of {', '.join(map(str, value_type.labels))}", text)


def to_fields(value_type: EnumerationType, json_value: Json, name: str) -> Texts:
    return {
        name: [
            text
            for text, label in zip(label_texts(value_type), value_type.labels, strict=True)
            if is_same_label(label, json_value)
        ]
    }


def label_texts(value_type: EnumerationType) -> list[str]:
    """What a form sends for each label: itself, or its JSON where two read the same ("1" and 1) or one is blank."""
    texts = [str(label) for label in value_type.labels]
    return [
        text if texts.count(text) == 1 and text.strip() else dumps(label)
        for text, label in zip(texts, value_type.labels, strict=True)
    ]


def is_same_label(label: object, json_value: Json) -> bool:
    return label == json_value and type(label) is type(json_value)
