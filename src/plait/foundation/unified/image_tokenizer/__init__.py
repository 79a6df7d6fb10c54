"""Image tokenizer: one of 1,000 codes for each square of 8x8 pixels, and back.

fsq.py        finite scalar quantisation: four numbers to a code, without a learned codebook (in unified/model)
tokenizer.py  the network: pixels to codes to pixels
objective.py  its training losses, on scenes of the worlds
shipped.py    the weights that come with Plait
"""
