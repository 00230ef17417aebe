"""What a network becomes on a GPU: the same numbers in fewer, larger steps."""
