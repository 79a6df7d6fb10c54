"""Pictures as codes: one of 1,000 for each square of eight by eight pixels, and back.

fsq.py        finite scalar quantisation: four numbers to a code, without a learned codebook
tokenizer.py  the network: pixels to codes to pixels
objective.py  its training loss, on scenes of the worlds
shipped.py    the weights that come with Plait
"""
