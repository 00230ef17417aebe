"""How the network of `dualtalk turns` is trained and measured."""
