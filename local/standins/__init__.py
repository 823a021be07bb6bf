"""Stand-ins that play the platforms' own APIs, for the demo, the local tests and the benchmarks.

`python -m local.standins --port N` serves them all on 127.0.0.1, each at its slug (`/shopify`); the vendor's own paths
follow. They check credentials, keep the state of every order by the vendor's rules, and answer in
the vendor's shapes. What a test or the demo does to them goes through `/_control` (see `control.py`).
"""
