from plait.modalities.ref.value import Reference


def written(kind: Reference, value: object) -> str:
    return str(value)


def outline(kind: Reference) -> str:
    return f"one of {'.'.join(kind.path)}"
