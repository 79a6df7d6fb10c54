from plait.types.box.value import Box, BoxKind


def metric(kind: BoxKind, prediction: Box, reference: Box) -> float:
    """Intersection over union."""
    return prediction.iou(reference)
