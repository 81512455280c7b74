"""What `script/bench` measures: one file for each figure, its parts real and on 127.0.0.1.

CPU time is that of the PBX's process alone, whatever else the machine does; waiting times are medians.
"""
