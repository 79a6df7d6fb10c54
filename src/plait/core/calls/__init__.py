"""The path of a call: transport, dispatch, event loop, batches and streams."""
