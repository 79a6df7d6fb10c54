"""How a call travels: transport, dispatch, event loop, batches and streams."""
