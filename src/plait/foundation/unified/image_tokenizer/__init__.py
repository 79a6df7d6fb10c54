"""Pictures as codes: one of 1,000 for each square of eight by eight pixels, and back.

fsq.py        four numbers to a code, without a codebook that is learned
tokenizer.py  the network: pixels to codes to pixels
learning.py   how it is trained, from the worlds' scenes
quality.py    how good the pictures are that come back: what is measured before anything is trained on codes
shipped.py    the weights that come with Plait
"""

VERSION = "plait-codes-2"  # of the tokenizer; a model that paints by other codes would paint nonsense
