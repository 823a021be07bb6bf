"""Stand-ins that play the APIs of Shopify, Uber Eats and Square, for the demo, the local tests and the benchmarks.

`python -m local.standins --port N` serves all three on 127.0.0.1, at `/shopify`, `/uber_eats` and `/square`; the
vendor's own paths follow. They check credentials, keep the state of every order by the vendor's rules, and answer in
the vendor's shapes. What a test or the demo does to them goes through `/_control` (see `control.py`).
"""
