"""The worker process: how it starts, what it says, an entry for each job."""
