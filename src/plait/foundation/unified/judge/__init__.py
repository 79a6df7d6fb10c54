"""The judge: a separate small detector that scores generated pictures, so that no model scores its own drawings.

It shares no weights, no layer code and no seed with the unified model and is trained before it. The unified model is
never trained on its scores.

network.py     pixels to nouns, boxes and background colour, for each cell
detection.py   network output to things with boxes, and the background
objective.py   its training losses, on scenes of the worlds, half of them blurred
shipped.py     the weights that come with Plait
"""
