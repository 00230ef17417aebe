"""Where the two are, whom they look at, what is seen of them: plans in numbers and words."""
