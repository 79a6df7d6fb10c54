"""A picture: PNG, JPEG, WebP, GIF or BMP, of at most 40 megapixels."""
