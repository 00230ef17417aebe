"""Who speaks when in one mixed track."""
