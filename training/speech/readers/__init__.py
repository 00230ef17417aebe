"""What is measured on readers who may be trained on."""
