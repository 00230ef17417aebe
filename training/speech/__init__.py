"""Speech with the time of every phone: synthesised, read, spoiled; and the mouths that say it."""
