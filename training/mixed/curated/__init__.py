"""The network of one mixed track on clips of video: scenes of shards, and whether it helps."""
