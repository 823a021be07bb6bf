"""How messages come in: authenticate, read, record; what is not understood goes to quarantine and can be replayed."""
