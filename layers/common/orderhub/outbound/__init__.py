"""Calls to the outside: one HTTP client, its access tokens, and the guard of the addresses it may reach."""
