from plait.modalities.boolean.value import Boolean


def written(kind: Boolean, value: object) -> str:
    return "yes" if value else "no"


def outline(kind: Boolean) -> str:
    return "true|false"
