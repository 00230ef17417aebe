"""What the pipeline takes and refuses: every threshold, with its unit and where it comes from."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Thresholds of the stages; docs/curation.md has what was measured with them."""

    shortest_s: float = 2.0  #: a shot of less is no conversation
    longest_s: float = 30.0  #: longer shots are cut into equal parts
    smallest_face_px: float = 40.0  #: chin to brow; below, landmarks are invented
    largest_yaw_deg: float = 45.0  #: beyond, half of the mouth is hidden
    largest_pitch_deg: float = 35.0
    sharpest_share: float = 0.25  #: of the clip's own sharpness, below which a frame is blurred
    mouth_likeness: float = 0.45  #: correlation with the clip's usual mouth, below: covered
    least_usable: float = 0.8  #: share of the frames that must be good
    standing_edge: float = 0.6  #: share of height or width with an edge: a split screen
    #: The same between two faces of which one is below the other: a split screen too. Chosen on
    #: renders before one wall, halves of which were put below each other: whole ones have 0.17.
    parting_edge: float = 0.2
    least_movement: float = 6.0  #: grey levels by which what moves most changes, below: a card
    scan_every: int = 50  #: frames between searches of the whole picture while nobody is lost
    needs_sound: bool = True
    task_file: Path | None = None  #: face landmarker of the user's own
    #: ONNX file of a super-resolution network of the user's own, for small faces; None: none
    super_resolution: Path | None = None
    previews: Path | None = None  #: the folder for preview videos; None: none are made


#: What is meant where nobody says otherwise.
DEFAULTS = Options()
