"""Where recordings are cut: `boli segment`."""
