"""What runs the stages over many videos: this machine alone, or Ray Data."""
