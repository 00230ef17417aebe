"""Renders of our own heads whose motion is known: what curation learns from and is measured on."""
