"""What is said and when: the two voices, their turns and their waveforms."""
