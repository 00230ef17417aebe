"""The names of all custom properties by which the add-on finds again what it made.

They are saved with the animator's file: a name that changes needs a reader of the old one.
"""

# On the armature of a character.
VERSION = "dualtalk_version"  #: of the notes in JSON on it (`notes`)
SPEAKER = "dualtalk_speaker"  #: 1 or 2
PERSON = "dualtalk_person"  #: whom of the cast a built-in head was, once
LOOK = "dualtalk_look"  #: JSON: the colours of a built-in head, as `core.faces.looks` has them
FITTED_TO = "dualtalk_fitted_to"  #: JSON: the sliders that its joints and seals were fitted to
BASIS = "dualtalk_basis"  #: of motion; for readers of older versions
KIND = "dualtalk_kind"  #: the name of its class in `characters.heads.KINDS`
HEAD = "dualtalk_head"  #: the mesh of a head that the add-on built
UNPLACED = "dualtalk_unplaced"  #: built, and nobody has put it anywhere yet
GAZE = "dualtalk_gaze"  #: `core.directing.gaze_text` of what its gaze was made from
LEAN = "dualtalk_lean"  #: a lean over time: frames, then the changes of both delta transforms
DELTAS = "dualtalk_deltas"  #: the delta transforms that a lean over time starts from
ACTION_BEFORE_BAKING = "dualtalk_before_baking"
SLOT_BEFORE_BAKING = "dualtalk_slot_before_baking"

# On the armature that the add-on puts beside an animator's own character.
RIG = "dualtalk_rig"  #: the character's own armature
MESH = "dualtalk_mesh"  #: `dualtalk_mesh_0`, `_1`, ...: its meshes
BONES = "dualtalk_bones"  #: JSON: the bones that follow, by role
MISSING = "dualtalk_missing"  #: JSON: controls without keys and bones, and derived ones
SHAPE_KEYS = "dualtalk_keys"  #: JSON: an entry per mesh
BOUND = "dualtalk_bound"  #: on a mesh of such a character: whose it is, 1 or 2
MESH_DATA = "dualtalk_data"  #: `dualtalk_data_0`, ...: the data of linked or shared meshes
ACTION_BEFORE = "dualtalk_before"  #: `dualtalk_before_0`, ...: the actions of its shape keys

# On other objects.
WORN = "dualtalk_worn"  #: "hair" or "clothes", on what a built-in head wears
STYLE = "dualtalk_style"  #: which of them it is
SURFACE = "dualtalk_surface"  #: on a material: which kind of surface it is
GAZE_PART = "dualtalk_part"  #: which of the helpers of a gaze an empty is
VOICE_LIGHT = "dualtalk_voice_light"
STAGE = "dualtalk_stage"  #: light, ground and furniture of the stage, their materials
SHOT = "dualtalk_shot"  #: on a camera of a staging: which shot it takes
FRAMINGS = "dualtalk_framings"  #: on it: how it stands for pictures of other shapes, and its own
LOOK_SHARE = "dualtalk_look_share"  #: on a target: the share of looks away that go there

# On actions.
ACTION = "dualtalk_action"  #: its name when the add-on made it
OWN_LIDS = "dualtalk_own_lids"  #: lids without the blinks of the gaze
BLINK_FRAMES = "dualtalk_blink_frames"
GAINS = "dualtalk_gains"  #: what the curves of a body and its face are scaled by, as a short text
LAYER = "dualtalk_layer"  #: an NLA track's: its slot in the action, or nothing
SHIFTED = "dualtalk_shifted"  #: `dualtalk_shifted_body`, ...: JSON: frames that layers were moved
WRITTEN = "dualtalk_written"  #: `dualtalk_written_body`, ...: `core.edits.curve.Record` packed
RETAKEN = "dualtalk_retaken"  #: a body's: parts of the performance were chosen one by one
FOLLOWED_EDGES = "dualtalk_followed_edges"  #: edges of looks when heads and lids last followed

# On a scene.
CHARACTER = "dualtalk_character"  #: `dualtalk_character_1`, `_2`: the speakers' armatures
RANGE = "dualtalk_range"  #: first and last frame that the add-on set
RATE = "dualtalk_rate"  #: frames per second for which the performance was written
SYNC = "dualtalk_sync"  #: playback was put in step with the sound once

# On a collection, a strip.
COLLECTION = "dualtalk_collection"  #: what the add-on makes is linked there
SOUND = "dualtalk_sound"  #: "A" or "B", whose sound the strip plays

# On a strip, on a scene.
TURN = "dualtalk_turn"  #: "A" or "B", whose turn the strip was written as
NO_SEQUENCER = "dualtalk_no_sequencer"  #: the scene's renders are kept from the sequencer

# On the armature of a control rig.
LEARNED = "dualtalk_learned"  #: JSON: what it was shown (`core.faces.learned`)
LEARNED_REST = "dualtalk_learned_rest"  #: the pose from which it was shown
