"""The staff API: routes only. What they do is in service."""
