"""Work in a process of its own: requests, results, the process seen from outside, the cache."""
