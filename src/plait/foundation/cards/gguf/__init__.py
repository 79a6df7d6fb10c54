"""GGUF files: model files of llama.cpp, read and written in bounded Python before native code sees them.

values.py          metadata values and their types
tensor_types.py    types of tensors, with the sizes of their blocks
header_bytes.py    the bytes of a header, within limits
metadata.py        parses the metadata
tensor_table.py    parses the tensor table; checks that the tensors fill the file
header.py          read_gguf_header: metadata and tensor table of a file
writer.py          write_gguf: a file from metadata and tensors
tensors.py         read_tensor: a tensor as float32; quantize: a tensor for a new file
block_formats.py   dequantises blocks: F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1
k_quants.py        dequantises super-blocks: Q4_K, Q5_K, Q6_K
vocabulary.py      read_vocabulary: tokens, their bytes, merges, special tokens
adapter.py         AdapterHeader: base, task, rank and alpha of a LoRA adapter
adapter_fit.py     check_adapter: whether llama.cpp can serve an adapter with a base model
"""
