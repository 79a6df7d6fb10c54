from plait.modalities.text.value import Text


def written(kind: Text, value: object) -> str:
    return str(value)


def outline(kind: Text) -> str:
    return "text"
