"""Reporting: what a merchant's own systems hear of orders and stock, in which shape, and how it is proved. Pure."""
