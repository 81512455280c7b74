"""What phones may watch: who is in a call, who is there, what waits for them, where they are registered."""
