"""Adapting a unified model to a task: from rows with pictures to a LoRA adapter.

request.py    PictureAdaptConfig, PictureAdaptRequest: what a run does; without torch
drawings.py   DrawingRows: descriptions and the codes of their pictures
objective.py  AnswerAdaptObjective, DrawingAdaptObjective: the losses of the unified model that adapters learn from
likely.py     log-probabilities of right answers, by which trainer and server are compared
adapt_run.py  a run from a request to an adapter file, in a process of its own
"""
