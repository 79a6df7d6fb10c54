"""Built-in tasks, one file each: the file's name is its verb and its address. They import from `plait.core` alone."""
