"""What `script/prompts` runs: texts become sounds, each with a note of what it was made from."""
