"""How the network of two separate tracks is trained and measured."""
