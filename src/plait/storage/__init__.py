"""The database of a data folder and its content-addressed files. It keeps rows and bytes, and decides nothing."""

DATABASE_FILE = "plait.db"  # in the data folder; here, so that it can be looked for without SQLAlchemy
