"""What comes out: a folder per clip, and shards of Parquet with the same in rows."""
