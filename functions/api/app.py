"""The staff API: everything under /v1."""

from orderhub.api.app import handler

__all__ = ["handler"]
