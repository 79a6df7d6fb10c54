from plait.types.image.value import Image, ImageType


def metric(value_type: ImageType, prediction: Image, reference: Image) -> float:
    """One less the mean difference of all pixels' red, green and blue; nothing where the sizes differ."""
    if prediction == reference:
        return 1.0
    if prediction.size != reference.size:
        return 0.0
    from PIL import ImageChops, ImageStat

    difference = ImageStat.Stat(ImageChops.difference(prediction.pil, reference.pil)).mean
    return 1 - sum(difference) / len(difference) / 255
