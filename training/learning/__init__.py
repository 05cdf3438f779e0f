"""Learning from FER-2013: data, networks, fitting, evaluation and export; Keras 3 only, no Django."""
