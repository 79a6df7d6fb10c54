"""Decoder language models: from a GGUF file to a trainable model, and from its adapter back to a GGUF file.

tokenizer.py        TextTokenizer: token ids as llama.cpp has them
decoder_config.py   DecoderConfig: the shape of a model, from the header of its file
attention.py        PackedDocuments, rotary positions, attention without padding
model.py            load_decoder: the model of a file; TextDecoder
block_tensors.py    matrices that stay quantised in memory (QLoRA)
adapt_request.py    AdaptRequest, LoraConfig, and a configuration for each method: what a run does; without torch
adapter_file.py     add_adapters: where adapters are; write_adapter, load_adapter: their GGUF files
token_row.py        TokenRow: prompt and answer of an example as token ids
preference_row.py   PreferenceRow: a chosen and a rejected answer; MarkedRow: a right or a wrong one
prefix_tree.py      PrefixTree: what rows share stands in it once
batch_plan.py       batch_plan: the rows of each batch
packing.py          pack_rows: one batch without padding
teacher_forcing.py  log-probabilities of answers, for the process that compares a server (training/likely_tokens.py)
adapter_objective.py  AdapterObjective: what all training of adapters has in common; SftObjective: the right answers
preference_objective.py  DpoObjective: the chosen answer becomes likelier than the rejected one
kto.py              KtoObjective: learning from answers that are marked right or wrong
reward.py           RewardObjective, RewardModel: how good an answer is, as a number; reward_head.py is its file
answer_samples.py   AnswerGroup: sampled answers with their rewards; PipeSampler asks the parent process for them
sample_rounds.py    SampledRound: the samples of a round, kept in the run's folder before they are learned
grpo.py             GrpoObjective: answers that are better than others to the same prompt become likelier
reference_file.py   what the model without adapters thinks of answers, computed once
adapt_run.py        a run from a request to an adapter file, in a process of its own
"""
