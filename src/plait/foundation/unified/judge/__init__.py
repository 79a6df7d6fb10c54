"""The judge: a small network of its own that says what a picture shows, so that no model marks its own drawings.

It shares no weights, no code of layers and no seed with the unified model, is trained before it and never shown to it:
its scores are only read.

network.py     pixels to nouns, boxes and the ground's colour, for each cell
detection.py   from its output to things with boxes, and the ground
objective.py   its training loss, on scenes of the worlds, also blurred ones
shipped.py     the weights that come with Plait
"""
