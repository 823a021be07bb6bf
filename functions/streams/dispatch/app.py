"""The orders table's stream: each new event asks for its actions."""

from orderhub.dispatch.stream import dispatch

handler = dispatch
