"""Speech recognisers behind one protocol."""
