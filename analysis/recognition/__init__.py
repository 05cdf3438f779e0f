"""Detects faces and classifies their expressions: NumPy, OpenCV, Pillow and LiteRT; no Django, no TensorFlow."""
