from plait.types.box.value import Box, BoxType


def metric(value_type: BoxType, prediction: Box, reference: Box) -> float:
    """Intersection over union."""
    return prediction.iou(reference)
