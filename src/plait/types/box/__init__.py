"""A rectangle on a picture that was passed in."""
