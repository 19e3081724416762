"""Machine texts for segments, by the models that projects ask for."""
