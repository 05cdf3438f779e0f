"""Finding faces and naming their expression: NumPy, OpenCV, Pillow and LiteRT; no Django, no TensorFlow."""
