"""Child processes of engines: start, restart, admission of requests, and figures of the machine."""
