"""The platforms: one contract, one folder each."""
