"""Files of other tools, read and written: captured faces, and who speaks when."""
