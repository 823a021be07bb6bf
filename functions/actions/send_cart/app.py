"""Asks platforms for other lines of an order."""

from orderhub.actions.send_cart import send_cart
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

# Some minutes in all: longer the customer shall not wait for a word.
handler = queue_handler(send_cart, lambda: settings().send_cart_queue_url, attempts=8)
