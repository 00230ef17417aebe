"""When words are said: phones as the network hears them, and the words of a transcript."""
