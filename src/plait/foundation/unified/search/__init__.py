"""Pictures found by words or by a picture: what the unified model's encoder says of a folder, kept and asked.

names.py       what pictures are searched for at once: nouns, their classes and colours, in two languages
embedding.py   a picture as one number for each name: how likely it is in it
folder.py      the pictures in a folder, and how a changed one is told
index.py       what was made of them, kept on the disk
gathering.py   brings that up to date: only what is new is looked at
ranking.py     the order of pictures by names, by likeness, and by a second look at the first
asking.py      the second look: whether the words are true of a picture, asked as the task `matches`
searching.py   the door: `plait search` comes in here
"""
