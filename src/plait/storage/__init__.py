"""The database of a data folder and its content-addressed files. It keeps rows and bytes, and decides nothing."""
