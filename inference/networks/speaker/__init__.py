"""Networks that know who speaks: voices, segments, and their embedding."""
