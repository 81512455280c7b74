"""Lines to the outside: providers and FRITZ!Boxes, who may call what over them, and where their calls go."""
