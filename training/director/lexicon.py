"""Synonyms that phrases of the training choose from: a phrase says <name> and gets one of them.

A word may itself hold a <name>. An empty word leaves the place out.
"""

#: Adverbs before and after what is done, by how often and when.
_TIMES = {
    "rarely": (
        "rarely", "hardly", "hardly ever", "seldom", "barely", "scarcely", "never", "only rarely",
        "not often", "infrequently", "next to never", "practically never", "only occasionally",
    ),
    "seldom": (
        "now and then", "only now and then", "once in a while", "every now and again", "only once",
        "just for a moment", "only in passing", "as little as possible", "from time to time",
        "a few times at most", "only briefly", "but rarely", "at no time", "only for a second",
    ),
    "often": (
        "often", "frequently", "regularly", "repeatedly", "mostly", "usually", "very often",
        "again and again", "generally", "habitually",
    ),
    "much": (
        "again and again", "time and again", "over and over", "at regular intervals", "quite a bit",
        "a great deal", "more often than not", "for much of the scene", "every other moment",
        "repeatedly", "at every opportunity", "often enough", "very often", "a lot", "regularly",
    ),
    "always": (
        "always", "constantly", "continuously", "permanently", "steadily", "incessantly",
        "unblinkingly", "unwaveringly", "continually", "ceaselessly",
    ),
    "throughout": (
        "throughout", "without interruption", "nonstop", "without blinking", "from start to finish",
        "from beginning to end", "the whole scene", "every single second", "at all times",
        "without looking away once", "all through the scene", "the entire time", "continually",
    ),
    "later": (
        "slowly", "gradually", "bit by bit", "little by little", "step by step", "eventually",
        "finally", "increasingly", "more and more", "at last", "by degrees", "by and by",
        "minute by minute", "over time", "in the end", "after a while",
    ),
    "in_time": (
        "over time", "in the course of the scene", "during the talk", "towards the end",
        "at the end", "more and more", "by the end", "as they talk", "as the scene goes on",
        "the longer they talk", "as the conversation goes on", "bit by bit", "in the end",
        "with time", "as time goes by", "with every word", "with every sentence", "after a while",
        "in the second half", "before the scene is over", "before long", "as it goes on",
    ),
}  # fmt: skip
_GAZE = {
    "glance": ("glance", "look", "peek", "peer", "peep", "gaze", "squint", "look over", "look up"),
    "watch": ("watch", "study", "observe", "eye", "examine", "inspect", "regard", "contemplate"),
    "avoid": ("avoid", "evade", "escape", "shun", "duck", "flee", "sidestep", "elude", "dodge"),
    "eyes": ("{Ys} eyes", "{Ys} gaze", "{Ys} look", "{Ys} stare", "{Ys} glance", "{Ys} face"),
    "meet": ("meet", "catch", "find", "cross", "answer", "return"),
    "look": ("look", "glance", "peek", "glimpse"),
    "eye": ("eyes", "gaze", "attention"),
    "there": (
        "to the side", "at the wall", "at the ceiling", "out of the window", "into space",
        "down at the table", "around the room", "over {Ys} shoulder", "at the clock", "at the door",
        "at {Xs} shoes", "at {Xs} knees", "elsewhere", "somewhere else", "at {Xs} cup", "down",
    ),
    "thing": ("floor", "wall", "ceiling", "table", "window", "clock", "door", "book", "ground"),
}  # fmt: skip
_LEAN = {
    "bend": ("lean", "bend", "incline", "stoop", "hunch", "tip", "bow", "crouch", "edge", "reach"),
    "forward": ("forward", "forwards", "in", "inwards", "over", "closer", "nearer", "close"),
    "to_partner": ("", "", "to {Y}", "towards {Y}", "in the direction of {Y}"),
    "move": ("move", "push", "shift", "draw", "bend", "tip", "incline", "tilt", "shove"),
    "upper": ("body", "upper body", "trunk", "chest", "back"),
    "tipped": ("tipped", "tilted", "bent", "inclined", "angled", "pushed", "leaning"),
    "slump": ("lean", "slump", "flop", "slide", "ease", "rock", "tip", "settle", "move", "shift"),
    "back": ("back", "backwards", "backward", "away", "away from {Y}", "back from {Y}"),
    "start": ("start", "start out", "start off", "set out"),
    "finish": ("finish", "end", "end up", "wind up", "be later", "be in the end"),
    "upright": ("upright", "straight", "sitting straight", "leaning back", "far back"),
    "bent_in": ("leaning in", "leaning forward", "bent forward", "bent towards {Y}"),
    "bent_back": ("leaning back", "leaning away", "tipped back", "bent backwards"),
    "ever": ("further and further", "deeper and deeper", "ever further", "ever more"),
}  # fmt: skip
_TURN = {
    "rotate": ("turn", "rotate", "swivel", "twist", "swing", "point", "angle", "direct", "aim"),
    "part": ("head", "face", "body", "whole body", "chin", "shoulders", "front"),
    "one_part": ("head", "face", "body", "upper body", "front"),
    "turned": ("turned", "pointed", "rotated", "directed", "aimed", "oriented", "twisted"),
    "to": ("to", "towards", "right at", "straight to", "in the direction of"),
    "off": ("away", "away from {Y}", "off to the side", "to the other side", "to the wall"),
    "facing": ("facing {Y}", "turned to {Y}", "looking {Ys} way", "towards {Y}"),
    "not_facing": ("turned away", "facing away", "facing the wall", "turned from {Y}", "averted"),
    "cock": ("tilt", "tip", "cock", "lean", "bend", "drop", "incline", "cant", "slant", "angle"),
    "cocked": ("tilted", "tipped", "cocked", "bent", "inclined", "slanted", "leaning", "angled"),
    "aside": (
        "to the side", "to one side", "sideways", "to the left", "to the right", "a little",
        "to {Xs} shoulder", "towards {Xs} shoulder", "onto {Xs} shoulder", "slightly to the side",
    ),
}  # fmt: skip
_MOOD = {
    "seem": ("be", "be", "seem", "look", "appear", "feel", "sound", "come over as", "act"),
    "very": (
        "", "", "very", "rather", "quite", "a little", "somewhat", "terribly", "extremely",
        "visibly", "pretty", "so", "really", "a bit", "obviously",
    ),
    "shy_one": (
        "shy", "timid", "bashful", "coy", "nervous", "insecure", "hesitant", "diffident", "anxious",
        "withdrawn", "restrained", "inhibited", "tense", "meek", "sheepish", "demure", "unsure",
        "self conscious", "tongue tied", "awkward", "flustered", "embarrassed", "apprehensive",
        "introverted", "uncertain", "uneasy", "uncomfortable", "intimidated", "reserved", "jittery",
    ),
    "bold_one": (
        "bold", "confident", "self assured", "assertive", "dominant", "daring", "fearless", "brave",
        "cocky", "brazen", "outgoing", "poised", "unafraid", "self possessed", "secure", "cheeky",
        "unabashed", "audacious", "extroverted", "determined", "proud", "commanding", "cool",
        "self confident", "certain of {self}", "in charge", "unimpressed", "plucky",
    ),
    "speak": ("speak", "talk", "answer", "smile", "act", "behave", "laugh", "move", "sit there"),
    "shyly": ("shyly", "timidly", "nervously", "hesitantly", "bashfully", "sheepishly", "meekly"),
    "boldly": ("boldly", "confidently", "assertively", "fearlessly", "bravely", "proudly"),
    "shyness": ("timidity", "nervousness", "insecurity", "unease", "awkwardness", "hesitation"),
    "courage": ("self confidence", "boldness", "self assurance", "courage", "poise", "pride"),
    "soul": ("person", "type", "soul", "character", "one"),
}  # fmt: skip
_PLACES = {
    "each": ("each other", "one another"),
    "beside": ("beside", "next to", "by the side of", "adjacent to", "close beside", "alongside"),
    "bench": ("bench", "couch", "sofa", "settee", "love seat", "swing", "pew", "garden bench"),
    "opposite": ("opposite", "across from", "facing", "turned towards", "in front of", "vis a vis"),
    "table": (
        "table", "desk", "kitchen table", "coffee table", "counter", "chessboard", "small table",
        "round table", "long table", "table with two chairs", "bar table",
    ),
    "across": ("across", "over", "on both sides of", "on either side of", "at opposite ends of"),
    "camera": ("camera", "viewer", "audience", "lens", "spectators"),
    "half": ("half", "partly", "slightly", "a little", "halfway", "partially", "three quarters"),
    "almost": ("almost", "nearly", "practically", "just about", "all but"),
    "normal": (
        "normal", "usual", "ordinary", "conversational", "polite", "decent", "moderate", "proper",
        "comfortable", "respectable", "medium", "businesslike", "natural", "sensible", "formal",
    ),
    "some": ("some", "a bit of", "a little", "enough", "a fair bit of", "a certain", "sufficient"),
    "space": ("space", "room", "distance", "gap", "clearance"),
    "hall": ("hall", "room", "corridor", "street", "field", "yard", "stage", "garden", "square"),
    "many": ("many", "a lot of", "dozens of", "a great many", "countless", "quite a few"),
    "steps": ("steps", "paces", "metres", "yards", "strides"),
    "wide": ("wide", "large", "huge", "great", "big", "broad", "enormous"),
    "near": ("near", "close", "short", "small"),
    "touching": ("touching", "kissing", "bumping heads", "brushing noses", "in contact"),
    "seat": (
        "on a chair", "in an armchair", "on the floor", "at the table", "on a stool", "on a box",
        "behind the desk", "in a wheelchair", "on the sofa", "on a cushion", "on the steps",
    ),
    "spot": (
        "by the door", "at the window", "in the middle of the room", "against the wall", "there",
        "at the counter", "in the doorway", "at the bar", "behind the chair", "on the carpet",
    ),
    "far_more": ("", "much", "far", "a lot", "considerably", "slightly", "a good deal", "even"),
    "taller": ("taller", "bigger", "larger", "higher", "higher up"),
    "shorter": ("shorter", "smaller", "lower", "lower down", "tinier"),
}  # fmt: skip
SLOTS: dict[str, tuple[str, ...]] = _TIMES | _GAZE | _LEAN | _TURN | _MOOD | _PLACES
