"""What stands between the tensors of a file and those of a network."""
