"""From video to training data: two people's motion in one space, with their sound.

`python -m dualtalk.curation` runs the pipeline; docs/curation.md draws it. Not shipped in the zip.
"""
