"""Make shots without a network until all are made; `test_kills` kills this over and over."""

import sys
from pathlib import Path

from dualtalk.batch import analysis, making, shot_file
from dualtalk.core import stopping

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.batch.conftest import at_rest

if __name__ == "__main__":
    stopping.install()
    analysis.analyse = at_rest
    shots = shot_file.read(Path(sys.argv[1]))
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    for shot in shots:
        if making.todo(shot):
            making.make(shot, Path(sys.argv[2]))
