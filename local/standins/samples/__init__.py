"""Builders of realistic orders and webhook bodies, one module per vendor: the vendor's schema, values of our own.

`shopify`, `uber_eats` and `square` each offer `order(n)`, `notification(...)`, `headers(...)` and `wire(payload)`, the
bytes as the vendor would send them. All draw on the same kitchen, so order 7 holds the same dishes on every platform.
"""
