"""Drawing without fonts or libraries of the machine: shapes, letters and signs on a picture.

`letters.png` and `letters.json` are made by `script/letters` from Roboto (Google, Apache License 2.0) and Material
Design Icons (Google and the Pictogrammers, Apache License 2.0).
"""
