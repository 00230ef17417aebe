"""What was generated, what an animator made of it, and how both meet again; numpy alone."""
