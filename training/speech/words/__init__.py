"""How words are pronounced and when they are said: the lexicon, and how well words are found."""
