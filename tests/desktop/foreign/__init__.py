"""Applications of strangers, who never heard of the shell."""
