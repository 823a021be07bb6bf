"""The orders table's stream: what orders and issues come to, and the stock that orders take."""

from orderhub.actions.books import keep_books

handler = keep_books
