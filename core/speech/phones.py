"""The phones that speech is written in: the 39 of the CMU Pronouncing Dictionary, silence first."""

SILENCE = "SIL"

#: In the order of the classes that the audio encoder tells (`CompactAudio.phones`).
PHONES: tuple[str, ...] = (
    *(SILENCE, "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F"),
    *("G", "HH", "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T"),
    *("TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"),
)
PHONE_INDEX: dict[str, int] = {phone: index for index, phone in enumerate(PHONES)}
BILABIALS: tuple[str, ...] = ("P", "B", "M")
VOWELS: tuple[str, ...] = (
    *("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"),
)
