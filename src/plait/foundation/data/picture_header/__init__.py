"""A picture on disk of which the header alone is read: a modality, so that rows are checked by core's own reader."""
