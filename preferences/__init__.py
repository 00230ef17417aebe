"""What the add-on's preferences store, and what they say about files: drawn by panels/."""
