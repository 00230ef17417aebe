"""The body of the built-in head, from MakeHuman's base mesh: figure, identity, skull."""
