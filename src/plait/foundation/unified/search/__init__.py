"""Image search in a folder by words or by a picture, with an index of what the unified model's encoder recognises.

query.py       searchable names: nouns, their classes and colours, in two languages
embedding.py   a picture as one log-probability per name
folder.py      the pictures in a folder, and detection of changed ones
index.py       the embeddings on disk
indexing.py    updates them: only new and changed pictures are encoded
ranking.py     order of pictures by names, by similarity, and by reranking of the first
reranking.py   asks whether the words are true of a picture, with the task `matches`
search.py      entry point of `plait search`
"""
