"""Search for pictures by words or by a picture, in an index of what the unified model's encoder sees in a folder.

query.py       what pictures are searched for at once: nouns, their classes and colours, in two languages
embedding.py   a picture as one number for each name: how likely it is in it
folder.py      the pictures in a folder, and how a changed one is recognised
index.py       the embeddings on disk
indexing.py    updates them: only new and changed pictures are encoded
ranking.py     order of pictures by names, by similarity, and by reranking of the first
reranking.py   asks whether the words are true of a picture, as the task `matches`
search.py      entry point of `plait search`
"""
