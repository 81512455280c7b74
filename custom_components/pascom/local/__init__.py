"""The PBX that runs here: its ports, its lines, and the process that is started and watched."""
