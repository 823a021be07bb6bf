"""The hub on one machine: the real template on a local AWS engine, with stand-ins for the platforms."""
